/** A table of a report, before it is text or HTML. */
export interface ReportTable {
  readonly title: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly string[])[];
  /** What is said where there are no rows. */
  readonly empty: string;
  /** What headings do not say by themselves. */
  readonly note?: string;
}

interface ReportColumn {
  readonly heading: string;
  /** Numbers stand right in their column. */
  readonly isNumber: boolean;
}

/** What a column says of an item. */
export type Cell<Item> = readonly [heading: string, text: (item: Item) => string, kind?: "number"];

/** A table with a row for each item. */
export function reportTable<Item>(
  title: string,
  empty: string,
  cells: readonly Cell<Item>[],
  items: readonly Item[],
): ReportTable {
  return {
    title,
    columns: cells.map(([heading, , kind]) => ({ heading, isNumber: kind === "number" })),
    rows: items.map((item) => cells.map(([, text]) => text(item))),
    empty,
  };
}
