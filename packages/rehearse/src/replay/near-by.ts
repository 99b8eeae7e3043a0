import { MOST_KEPT } from "../log/known-texts.ts";

/**
 * What is known of texts that the log's reader keeps, found by their numbers: where a map would go along a chain of texts and
 * wait for memory at each (bench/simulate.ts). Another text may have come to a number, so they are compared.
 */
export class NearBy<Value> {
  readonly #texts = new Array<string>(MOST_KEPT + 1).fill("");
  readonly #values = new Array<Value | undefined>(MOST_KEPT + 1).fill(undefined);

  get(text: string, number: number): Value | undefined {
    return this.#texts[number] === text ? this.#values[number] : undefined;
  }

  set(text: string, number: number, value: Value): void {
    this.#texts[number] = text;
    this.#values[number] = value;
  }

  clear(): void {
    this.#texts.fill("");
    this.#values.fill(undefined);
  }
}
