/** Items in order, each at the place where the comparison puts it. */
export class Queue<Item> {
  readonly #compare: (a: Item, b: Item) => number;
  readonly #items: Item[] = [];

  /** `compare` is as of `Array.sort`, and 0 for the same item alone. */
  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare;
  }

  get length(): number {
    return this.#items.length;
  }

  get first(): Item | undefined {
    return this.#items[0];
  }

  /** Adds an item, and says how many are before it. */
  add(item: Item): number {
    const place = this.#placeOf(item);
    this.#items.splice(place, 0, item);
    return place;
  }

  remove(item: Item): void {
    const place = this.#placeOf(item);
    if (this.#items[place] === item) this.#items.splice(place, 1);
  }

  /** In order, as they are now. */
  items(): readonly Item[] {
    return this.#items.slice();
  }

  #placeOf(item: Item): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#items[middle] as Item, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
