import type { AuditEntryJson, AuditVerdictJson } from "@headgate/control";
import type { Command } from "commander";
import { type Answer, answer, parseCount, type RecordOptions, recordCommand, recordGroup } from "../record-command.ts";
import type { ExitCode } from "../run.ts";
import { style } from "../style.ts";
import { type Column, table, time } from "../table.ts";

const COLUMNS: readonly Column<AuditEntryJson>[] = [
  ["#", ({ seq }) => String(seq)],
  ["time", (entry) => time(entry.time)],
  ["by", ({ actor }) => actor],
  ["what", ({ action }) => action],
  ["of", ({ subject }) => subject.id],
  ["changed", changed],
];

interface AuditOptions extends RecordOptions {
  readonly subject?: string;
  readonly limit: number;
}

/** `headgate audit`: who changed what; and whether anyone has changed that record itself. */
export function addAudit(program: Command, finish: (code: ExitCode) => void): void {
  const audit = recordGroup(program, "audit", "who changed what; and whether that record is as it was written");

  recordCommand(audit, "list", "show who changed what, the newest first", { isDefault: true })
    .option("--subject <id>", "only what was done to this account, key, token, override, suspension or webhook")
    .option("--limit <number>", "show so many at most", parseCount, 50)
    .action(({ subject, limit, ...options }: AuditOptions) =>
      answer(options, async (admin) => {
        const list = await admin.list<AuditEntryJson>("/audit", { subject }, limit);
        const { items } = list;
        const more = list.next_cursor === null ? "" : style("dim", "… and older ones: --limit shows more\n");
        const text = items.length === 0 ? "Nothing has been changed.\n" : table(COLUMNS, items) + more;
        return { json: list, text, quiet: items.map(({ seq }) => String(seq)) };
      }),
    );

  recordCommand(
    audit,
    "verify",
    "go through the whole record; exit 1 if an entry was changed, removed or put in",
  ).action((options: RecordOptions) =>
    answer(options, async (admin) => {
      const verdict = await admin.get<AuditVerdictJson>("/audit/verify");
      if (!verdict.valid) finish(1);
      return verdictAnswer(verdict);
    }),
  );
}

function verdictAnswer(verdict: AuditVerdictJson): Answer {
  const { valid, entries, head, broken_at } = verdict;
  const text = valid
    ? `${style("green", "good")}: ${entries} entries, each as it was written; the last one's hash is\n${head}\n`
    : `${style("red", "broken")}: the audit is not as it was written, from entry ${broken_at} on\n`;
  return { json: verdict, text, quiet: [head] };
}

/** The fields that differ, as `name: before → after`; housekeeping ones aside. */
function changed({ before, after }: AuditEntryJson): string | undefined {
  const was = fieldsOf(before);
  const is = fieldsOf(after);
  const names = Object.keys({ ...was, ...is }).filter(
    (name) => !HOUSEKEEPING.has(name) && JSON.stringify(was[name] ?? null) !== JSON.stringify(is[name] ?? null),
  );
  const texts = names.map((name) =>
    before === null ? `${name}: ${shown(is[name])}` : `${name}: ${shown(was[name])} → ${shown(is[name])}`,
  );
  return texts.join(", ") || undefined;
}

const HOUSEKEEPING = new Set(["id", "version", "created_at", "updated_at"]);

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
