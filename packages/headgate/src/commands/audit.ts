import type { AuditEntryJson, AuditVerdictJson } from "@headgate/control";
import type { Command } from "commander";
import type { NameOf } from "../account-names.ts";
import { parseCount } from "../option-values.ts";
import type { Answer } from "../record-answer.ts";
import { answer, type RecordOptions, recordCommand, recordGroup } from "../record-command.ts";
import type { ExitCode } from "../run.ts";
import { style } from "../style.ts";
import { type Column, table, time } from "../table.ts";

const COLUMNS: readonly Column<AuditEntryJson>[] = [
  ["#", ({ seq }) => String(seq)],
  ["time", (entry) => time(entry.time)],
  ["by", ({ actor }) => actor],
  ["what", ({ action }) => action],
  ["of", ({ subject }, nameOf) => named(subject, nameOf)],
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
    .option(
      "--subject <account-or-id>",
      "only what was done to this: an account, by name or id, or another record, by its id",
    )
    .option("--limit <number>", "show so many at most", parseCount, 50)
    .action(({ subject, limit, ...options }: AuditOptions) =>
      answer(options, async (admin) => {
        const list = await admin.list<AuditEntryJson>("/audit", { subject }, limit);
        const { items } = list;
        const more = list.next_cursor === null ? "" : style("dim", "… and older ones: --limit shows more\n");
        const none = subject === undefined ? "Nothing has been changed.\n" : `There is no record of ${subject}.\n`;
        return {
          json: list,
          text: (nameOf) => (items.length === 0 ? none : table(COLUMNS, items, nameOf) + more),
          quiet: items.map(({ seq }) => String(seq)),
        };
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
  return { json: verdict, text: () => text, quiet: [head] };
}

/** The fields that differ, as `name: before → after`; housekeeping ones aside. */
function changed({ before, after }: AuditEntryJson, nameOf: NameOf): string | undefined {
  const was = fieldsOf(before);
  const is = fieldsOf(after);
  const names = Object.keys({ ...was, ...is }).filter(
    (name) => !HOUSEKEEPING.has(name) && JSON.stringify(was[name] ?? null) !== JSON.stringify(is[name] ?? null),
  );
  const texts = names.map((name) => {
    const now = inWords(is[name], nameOf);
    return `${name.replace(/_id$/, "")}: ${before === null ? now : `${inWords(was[name], nameOf)} → ${now}`}`;
  });
  return texts.join(", ") || undefined;
}

const HOUSEKEEPING = new Set(["id", "version", "created_at", "updated_at"]);

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function inWords(value: unknown, nameOf: NameOf): string {
  if (value === null || value === undefined) return "none";
  if (Array.isArray(value)) return value.map((each) => inWords(each, nameOf)).join(" ") || "none";
  if (typeof value === "string" && value.startsWith("acc_")) return nameOf(value);
  if (isRecord(value)) return `${value.type} ${named(value, nameOf)}`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isRecord(value: unknown): value is AuditEntryJson["subject"] {
  const { type, id } = fieldsOf(value);
  return typeof type === "string" && typeof id === "string";
}

function named({ type, id }: AuditEntryJson["subject"], nameOf: NameOf): string {
  return type === "account" ? nameOf(id) : id;
}
