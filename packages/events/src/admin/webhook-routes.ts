import {
  type AdminApp,
  type AdminContext,
  BODY_REFUSALS,
  emptyAnswer,
  etagOf,
  ifMatch,
  ifNoneMatch,
  jsonAnswer,
  nothing,
  only,
  pageFields,
  pageSchema,
  preconditionOf,
  recordAnswer,
  refusals,
  sendRecord,
} from "@headgate/control/admin";
import Type from "typebox";
import type { Webhook } from "../webhooks/webhook.ts";
import { operatedWebhookJson, operatedWebhookSchema } from "./operated-webhook.ts";
import type { WebhookOffice } from "./webhook-office.ts";

const tags = ["Webhooks"];
const params = only({ id: Type.String({ description: "`whk_…`" }) });
const PAGE_ITEMS = 50;

/** Adds what there is under `/admin/v1/webhooks`, besides deliveries. */
export function addWebhookRoutes(
  app: AdminApp,
  { control, actor }: AdminContext,
  { webhooks, editor, wake }: WebhookOffice,
): void {
  app.get(
    "/webhooks",
    {
      schema: {
        operationId: "listWebhooks",
        summary: "List webhooks",
        tags,
        querystring: only({
          account: Type.Optional(Type.String({ description: "Only this account's: its id, or its name." })),
          ...pageFields,
        }),
        response: { 200: jsonAnswer("A page of webhooks.", pageSchema(operatedWebhookSchema)), ...refusals(404) },
      },
    },
    async ({ query }, reply) => {
      const { account, limit = PAGE_ITEMS, cursor } = query;
      const accountId = account === undefined ? undefined : (await control.accounts.get(account)).id;
      const page = await webhooks.page(accountId, { limit, cursor });
      return reply.send({ items: page.webhooks.map(operatedWebhookJson), next_cursor: page.nextCursor ?? null });
    },
  );

  app.get(
    "/webhooks/:id",
    {
      schema: {
        operationId: "getWebhook",
        summary: "Show a webhook",
        tags,
        params,
        headers: ifNoneMatch,
        response: {
          200: recordAnswer("The webhook.", operatedWebhookSchema),
          304: emptyAnswer("It is as the reader has it."),
          ...refusals(404),
        },
      },
    },
    async (request, reply) => {
      const webhook = await webhooks.get(undefined, request.params.id);
      return sendRecord(request, reply, webhook, operatedWebhookJson(webhook));
    },
  );

  app.post(
    "/webhooks/:id/enable",
    {
      schema: {
        operationId: "enableWebhook",
        summary: "Enable a webhook",
        description: "Whoever disabled it. It gets what has come meanwhile, from its place in the log on.",
        tags,
        params,
        body: nothing,
        headers: ifMatch,
        response: {
          200: recordAnswer("The webhook, enabled.", operatedWebhookSchema),
          ...refusals(404, 412, ...BODY_REFUSALS),
        },
      },
    },
    async (request, reply) => {
      const webhook = await switchTo(true, request.params.id, (current) => preconditionOf(request, current));
      return reply.header("ETag", etagOf(webhook)).send(operatedWebhookJson(webhook));
    },
  );

  app.post(
    "/webhooks/:id/disable",
    {
      schema: {
        operationId: "disableWebhook",
        summary: "Disable a webhook",
        description: "Nothing more is sent until it is enabled again, which its owner can do too.",
        tags,
        params,
        body: nothing,
        headers: ifMatch,
        response: {
          200: recordAnswer("The webhook, disabled.", operatedWebhookSchema),
          ...refusals(404, 412, ...BODY_REFUSALS),
        },
      },
    },
    async (request, reply) => {
      const webhook = await switchTo(false, request.params.id, (current) => preconditionOf(request, current));
      return reply.header("ETag", etagOf(webhook)).send(operatedWebhookJson(webhook));
    },
  );

  /** What is so already stays as it is, and is no entry of the audit. */
  async function switchTo(
    isEnabled: boolean,
    id: string,
    askedFor: (current: () => Promise<Webhook>) => ReturnType<typeof preconditionOf>,
  ): Promise<Webhook> {
    const { ifVersion } = await askedFor(() => webhooks.get(undefined, id));
    const webhook = await webhooks.get(undefined, id);
    if (isEnabled === (webhook.disabledAt === undefined)) return webhook;
    // What is noted and then fails to happen can be asked for again; what happens unnoted is lost.
    const subject = { type: "webhook", id };
    const entry = isEnabled
      ? { action: "webhook.enabled", subject }
      : { action: "webhook.disabled", subject, after: { reason: "operator" } };
    await control.audit.note(entry, actor);
    const isStill = (version: number): boolean => ifVersion === undefined || version === ifVersion;
    const changed = await editor.switch(webhook, isEnabled, "operator", isStill);
    wake(webhook.accountId);
    return changed;
  }
}
