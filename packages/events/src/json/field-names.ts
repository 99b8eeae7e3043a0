/** Up to so many, going through them is faster than a set is made. */
const FEW = 16;

/** The names of an object's fields, as they come. */
export class FieldNames {
  readonly #few: string[] = [];
  #many: Set<string> | undefined;

  /** Returns false where the name is there already. */
  add(name: string): boolean {
    if (this.#many) return this.#many.size < this.#many.add(name).size;
    if (this.#few.includes(name)) return false;
    if (this.#few.push(name) > FEW) this.#many = new Set(this.#few);
    return true;
  }
}
