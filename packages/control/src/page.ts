import { HeadgateError } from "@headgate/core";

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** What to ask for as `after` to get the next page; undefined on the last. */
  readonly next: string | undefined;
}

export interface PageRequest {
  readonly after?: string | undefined;
  /** 1 to 100; default 50. */
  readonly limit?: number | undefined;
}

const DEFAULT_ITEMS = 50;
const MOST_ITEMS = 100;

/** How many rows to ask the database for: one more than are shown, which tells whether there is another page. */
export function rowsFor(request: PageRequest): number {
  const { limit = DEFAULT_ITEMS } = request;
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ITEMS) return limit + 1;
  throw new HeadgateError("HG_CURSOR_INVALID", `A page has 1 to ${MOST_ITEMS} items.`);
}

/**
 * The place that a page goes on from: the id or number of the item before it, so that what is added meanwhile neither
 * repeats an item nor hides one. Throws `HG_CURSOR_INVALID` where `isPlace` does not hold.
 */
export function placeOf(request: PageRequest, isPlace: (text: string) => boolean): string | undefined {
  if (request.after === undefined) return undefined;
  const place = Buffer.from(request.after, "base64url").toString("latin1");
  if (isPlace(place) && cursorOf(place) === request.after) return place;
  throw new HeadgateError("HG_CURSOR_INVALID", "The cursor is none that this list gave: begin the list anew.");
}

/** The page that these rows make, which were asked for with {@link rowsFor}. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  request: PageRequest,
  toItem: (row: Row) => Item,
  toPlace: (row: Row) => string,
): Page<Item> {
  const shown = rows.slice(0, rowsFor(request) - 1);
  const last = shown.at(-1);
  const hasMore = rows.length > shown.length && last !== undefined;
  return { items: shown.map(toItem), next: hasMore ? cursorOf(toPlace(last)) : undefined };
}

function cursorOf(place: string): string {
  return Buffer.from(place, "latin1").toString("base64url");
}
