/**
 * How many items the array has that a JSON Pointer's tokens (RFC 6901) lead to, in text that is JSON; 0 where they lead to
 * none. Parsers differ on a field that is there twice, and some do not tell fields apart by case, as Go's: whatever reader
 * could be meant, the array with most items counts.
 */
export function mostItems(json: string, tokens: readonly string[]): number {
  return new JsonWalk(json, tokens).mostItems(0);
}

/** A walk through JSON that is known to be well-formed, so that the next structural character says all. */
class JsonWalk {
  readonly #json: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(json: string, tokens: readonly string[]) {
    this.#json = json;
    this.#tokens = tokens.map(folded);
  }

  /** Goes through the value that comes, with so many tokens behind it. */
  mostItems(depth: number): number {
    const opening = this.#next();
    const token = this.#tokens[depth];
    if (opening === "[") return this.#array(depth, token);
    if (opening === "{" && token !== undefined) return this.#object(depth, token);
    this.#skipValue();
    return 0;
  }

  #array(depth: number, token: string | undefined): number {
    let items = 0;
    let most = 0;
    this.#at++;
    while (this.#next() !== "]") {
      if (token !== undefined && token === String(items)) most = this.mostItems(depth + 1);
      else this.#skipValue();
      items++;
      if (this.#next() === ",") this.#at++;
    }
    this.#at++;
    return token === undefined ? items : most;
  }

  #object(depth: number, token: string): number {
    let most = 0;
    this.#at++;
    while (this.#next() !== "}") {
      const start = this.#at;
      this.#skipString();
      const name = JSON.parse(this.#json.slice(start, this.#at)) as string;
      this.#next();
      this.#at++;
      if (folded(name) === token) most = Math.max(most, this.mostItems(depth + 1));
      else this.#skipValue();
      if (this.#next() === ",") this.#at++;
    }
    this.#at++;
    return most;
  }

  /** Goes to the next character that is no blank. */
  #next(): string {
    while (this.#json.charCodeAt(this.#at) <= BLANK) this.#at++;
    return this.#json.charAt(this.#at);
  }

  #skipValue(): void {
    let depth = 0;
    this.#next();
    for (; this.#at < this.#json.length; this.#at++) {
      const character = this.#json.charCodeAt(this.#at);
      if (character === QUOTE) {
        this.#skipString();
        this.#at--;
      } else if (character === BRACKET || character === BRACE) {
        depth++;
      } else if (character === END_BRACKET || character === END_BRACE) {
        // Of what is around it, where a number or a word ends.
        if (depth === 0) return;
        depth--;
        if (depth === 0) {
          this.#at++;
          return;
        }
      } else if (character === COMMA && depth === 0) {
        return;
      }
    }
  }

  #skipString(): void {
    let end = this.#json.indexOf('"', this.#at + 1);
    while (this.#isEscaped(end)) end = this.#json.indexOf('"', end + 1);
    this.#at = end + 1;
  }

  #isEscaped(at: number): boolean {
    let backslashes = 0;
    while (this.#json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    return backslashes % 2 === 1;
  }
}

/** Alike for names that differ in case alone, with Go's long s and Kelvin sign. */
function folded(name: string): string {
  return name.toLowerCase().toUpperCase();
}

const BLANK = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const END_BRACKET = 0x5d;
const BRACE = 0x7b;
const END_BRACE = 0x7d;
