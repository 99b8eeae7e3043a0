import Type, { type TInteger, type TOptional, type TSchema, type TString, type TUnsafe } from "typebox";
import type { Page, PageRequest } from "../page.ts";
import { refTo, textOrNull } from "./schema.ts";

/** What every list takes in its query. */
export const pageFields: { limit: TOptional<TInteger>; cursor: TOptional<TString> } = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50, description: "How many at most." })),
  cursor: Type.Optional(Type.String({ description: "`next_cursor` of the page before." })),
};

/** One page of a list, as the API shows it. */
export interface PageJson<Item> {
  readonly items: readonly Item[];
  /** What to ask for as `cursor` to get the next page; null on the last. */
  readonly next_cursor: string | null;
}

export function pageSchema<Item>(item: TUnsafe<Item>): TUnsafe<PageJson<Item>> {
  const fields: Record<keyof PageJson<Item>, TSchema> = {
    items: Type.Array(refTo(item)),
    next_cursor: textOrNull("What to ask for as `cursor` to get the next page; null on the last."),
  };
  return Type.Unsafe<PageJson<Item>>(Type.Object(fields, { additionalProperties: false, description: "One page." }));
}

export function pageRequestOf(query: { readonly limit?: number; readonly cursor?: string }): PageRequest {
  return { limit: query.limit, after: query.cursor };
}

export function pageJson<Item, Json>(page: Page<Item>, toJson: (item: Item) => Json): PageJson<Json> {
  return { items: page.items.map(toJson), next_cursor: page.next ?? null };
}
