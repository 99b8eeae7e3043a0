/** A page of a list. */
interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
  /** Where a list has a cursor to its very end, to be asked for what comes. */
  readonly has_more?: boolean;
}

/** Goes through all pages of a list, one request a page, each when its first item is wanted. */
export async function* itemsOf<Item>(
  ask: (cursor: { readonly cursor?: string }) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  let page = await ask({});
  yield* page.items;
  while (page.next_cursor !== null && page.has_more !== false) {
    page = await ask({ cursor: page.next_cursor });
    yield* page.items;
  }
}
