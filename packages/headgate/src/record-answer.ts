import type { NamedText } from "./account-names.ts";
import type { AdminList } from "./admin-client.ts";
import { style } from "./style.ts";
import { type Column, card, table } from "./table.ts";

/** An answer, for whoever reads it. */
export interface Answer {
  /** For programs: what the admin API said. */
  readonly json: unknown;
  /** For people. */
  readonly text: NamedText;
  /** For scripts: ids, one a line, or the secret that was made. */
  readonly quiet: readonly string[];
}

/** One record, a line for each of its fields. */
export function oneRecord<Item extends { readonly id: string }>(
  columns: readonly Column<Item>[],
  record: Item,
): Answer {
  return { json: record, text: (nameOf) => card(columns, record, nameOf), quiet: [record.id] };
}

/** A record with the secret that was made for it. What keeps it from being of use is told on standard error. */
export function withSecret<Item>(
  columns: readonly Column<Item>[],
  record: Item & { readonly secret: string; readonly warning: string | null },
): Answer {
  const { secret, warning } = record;
  if (warning) process.stderr.write(`headgate: ${warning}\n`);
  const hint = style("dim", "Keep it now: it will not be shown again.");
  const shown = `\n${style("green", secret)}\n\n${hint}\n`;
  return { json: record, text: (nameOf) => card(columns, record, nameOf) + shown, quiet: [secret] };
}

/** A list of records, and whether there are more. */
export function manyRecords<Item extends { readonly id: string }>(
  columns: readonly Column<Item>[],
  list: AdminList<Item>,
  none: string,
): Answer {
  const { items, next_cursor } = list;
  const more = next_cursor === null ? "" : style("dim", `… and more: these are the first ${items.length}\n`);
  return {
    json: list,
    text: (nameOf) => (items.length === 0 ? `${none}\n` : table(columns, items, nameOf) + more),
    quiet: items.map(({ id }) => id),
  };
}
