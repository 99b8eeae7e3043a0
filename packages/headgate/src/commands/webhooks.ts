import type { DeliveryJson, OperatedWebhookJson, ReplayJson } from "@headgate/events/admin";
import { type Command, Option } from "commander";
import { type AdminClient, segment } from "../admin-client.ts";
import { parseCount, parseMoment } from "../option-values.ts";
import { manyRecords, oneRecord } from "../record-answer.ts";
import { answer, type RecordOptions, recordCommand, recordGroup } from "../record-command.ts";
import { type Column, time } from "../table.ts";

const COLUMNS: readonly Column<OperatedWebhookJson>[] = [
  ["webhook", ({ id }) => id],
  ["account", ({ account_id }, nameOf) => nameOf(account_id)],
  ["url", ({ url }) => url],
  ["told of", ({ events }) => events.join(", ")],
  ["state", stateOf],
  ["since", ({ disabled_at, failing_since, created_at }) => time(disabled_at ?? failing_since ?? created_at)],
];

const DELIVERY_COLUMNS: readonly Column<DeliveryJson>[] = [
  ["message", ({ id }) => id],
  ["type", ({ type }) => type],
  ["state", ({ state }) => state],
  ["attempts", ({ attempts }) => attempts],
  ["created", ({ created_at }) => time(created_at)],
  ["next attempt", ({ next_attempt_at }) => (next_attempt_at === null ? undefined : time(next_attempt_at))],
  ["ended", ({ finished_at }) => (finished_at === null ? undefined : time(finished_at))],
  ["reason", ({ reason }) => reason ?? undefined],
];

const STATES = ["pending", "delivered", "failed", "skipped"];

interface DeliveriesOptions extends RecordOptions {
  readonly state?: string;
  readonly limit: number;
}

interface ReplayOptions extends RecordOptions {
  readonly from: string;
  readonly to?: string;
}

/** `headgate webhooks`: where accounts are told of what happens, and how that goes. */
export function addWebhooks(program: Command): void {
  const webhooks = recordGroup(program, "webhooks", "where accounts are told of what happens, and how that goes");

  recordCommand(webhooks, "list", "list webhooks")
    .option("--account <account>", "only this account's, by name or id")
    .action(({ account, ...options }: RecordOptions & { account?: string }) =>
      answer(options, async (admin) => {
        return manyRecords(COLUMNS, await admin.list<OperatedWebhookJson>("/webhooks", { account }), "No webhooks.");
      }),
    );

  oneWebhook(webhooks, "show <id>", "show one, never its secret", (admin, path) => admin.get(path));
  oneWebhook(webhooks, "enable <id>", "send again, beginning with what has come meanwhile", (admin, path) =>
    admin.post(`${path}/enable`),
  );
  oneWebhook(webhooks, "disable <id>", "send nothing more until it is enabled", (admin, path) =>
    admin.post(`${path}/disable`),
  );

  recordCommand(webhooks, "deliveries <id>", "list what was sent or is to be sent, the newest first")
    .addOption(new Option("--state <state>", "only those in this state").choices(STATES))
    .option("--limit <number>", "show so many at most", parseCount, 50)
    .action((id: string, { state, limit, ...options }: DeliveriesOptions) =>
      answer(options, async (admin) => {
        const list = await admin.list<DeliveryJson>(`${pathOf(id)}/deliveries`, { state }, limit);
        return manyRecords(DELIVERY_COLUMNS, list, "No deliveries.");
      }),
    );

  recordCommand(webhooks, "replay <id>", "send the events of a time again, those too that were never sent")
    .requiredOption("--from <time>", "those received then or later, such as 2031-01-01T00:00:00Z", parseMoment)
    .option("--to <time>", "those received then or before; until now unless given", parseMoment)
    .action((id: string, { from, to, ...options }: ReplayOptions) =>
      answer(options, async (admin) => {
        const replay = await admin.post<ReplayJson>(`${pathOf(id)}/replay`, { from, to });
        const { events } = replay;
        const text = events === 1 ? "1 event is sent again.\n" : `${events} events are sent again.\n`;
        return { json: replay, text: () => text, quiet: [String(events)] };
      }),
    );
}

function oneWebhook(
  group: Command,
  nameAndArguments: string,
  description: string,
  ask: (admin: AdminClient, path: string) => Promise<OperatedWebhookJson>,
): void {
  recordCommand(group, nameAndArguments, description).action((id: string, options: RecordOptions) =>
    answer(options, async (admin) => oneRecord(COLUMNS, await ask(admin, pathOf(id)))),
  );
}

function pathOf(id: string): string {
  return `/webhooks/${segment(id)}`;
}

function stateOf({ enabled, disabled_reason, failing_since }: OperatedWebhookJson): string {
  if (!enabled) return `disabled: ${disabled_reason}`;
  return failing_since === null ? "enabled" : "failing";
}
