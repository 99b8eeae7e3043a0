import { type JsonFault, type JsonItem, type JsonOutline, MAX_DEPTH, MAX_FIELDS } from "../../src/json/outline.ts";

/** A JSON value with its text, and with all its fields, those of the same name too. */
interface Node {
  readonly text: string;
  readonly string?: string;
  readonly elements?: readonly Node[];
  readonly fields?: readonly (readonly [string, Node])[];
}

/** What `outlineOf` does, as one would write it who has time: parse it all, and go through it again. */
export function naiveOutline(text: string, itemDepth: number, wanted?: string): JsonOutline {
  const root = new Parser(text).read();
  const items: JsonItem[] = [];
  const fault = new Judge((node, path) => {
    if (path.length !== itemDepth || !(itemDepth === 0 || typeof path.at(-1) === "number")) return false;
    items.push({
      // The outermost value's text has the blanks around it taken away.
      text: node.text,
      wanted: node.fields?.findLast(([name]) => name === wanted)?.[1].text,
      fault: new Judge(() => false, MAX_FIELDS).judge(node),
    });
    return true;
  }, Number.POSITIVE_INFINITY).judge(root);
  return { items, fault };
}

class Judge {
  readonly #skips: (node: Node, path: readonly (string | number)[]) => boolean;
  readonly #mostFields: number;
  readonly #faults: JsonFault[] = [];
  #fields = 0;

  constructor(skips: (node: Node, path: readonly (string | number)[]) => boolean, mostFields: number) {
    this.#skips = skips;
    this.#mostFields = mostFields;
  }

  judge(node: Node): JsonFault | undefined {
    this.#visit(node, []);
    return this.#faults[0];
  }

  #visit(node: Node, path: readonly (string | number)[]): void {
    if (this.#skips(node, path)) return;
    const { string, elements, fields } = node;
    const isNesting = elements !== undefined || fields !== undefined;
    if (isNesting && path.length === MAX_DEPTH) {
      this.#faults.push({ path, detail: `is nested deeper than ${MAX_DEPTH} levels` });
    }
    if (string?.isWellFormed() === false) this.#faults.push({ path, detail: NOT_TEXT });
    elements?.forEach((element, index) => {
      this.#visit(element, [...path, index]);
    });
    const names = new Set<string>();
    for (const [name, value] of fields ?? []) {
      this.#fields += 1;
      if (this.#fields > this.#mostFields) {
        this.#faults.push({ path: [], detail: `has more than ${this.#mostFields} fields` });
      }
      if (names.has(name)) this.#faults.push({ path, detail: `has the field ${quoted(name)} twice` });
      if (["__proto__", "constructor", "prototype"].includes(name)) {
        this.#faults.push({ path, detail: `has a field that must not be called ${quoted(name)}` });
      }
      if (!name.isWellFormed()) this.#faults.push({ path, detail: NOT_TEXT });
      names.add(name);
      this.#visit(value, [...path, name]);
    }
  }
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Node {
    this.#take(/[ \t\r\n]*/y);
    const start = this.#at;
    const node = this.#value();
    const text = this.#text.slice(start, this.#at);
    this.#take(/[ \t\r\n]*/y);
    return { text, ...node };
  }

  #value(): Omit<Node, "text"> {
    const first = this.#text[this.#at];
    if (first === '"') return { string: this.#string() };
    if (first === "[") return { elements: this.#list("]", () => this.read()) };
    if (first === "{") {
      return {
        fields: this.#list("}", () => {
          this.#take(/[ \t\r\n]*/y);
          const name = this.#string();
          this.#take(/[ \t\r\n]*:/y);
          return [name, this.read()] as const;
        }),
      };
    }
    this.#take(/[-+.\w]+/y);
    return {};
  }

  #list<Element>(close: string, element: () => Element): Element[] {
    const elements: Element[] = [];
    this.#at += 1;
    this.#take(/[ \t\r\n]*/y);
    if (this.#text[this.#at] !== close) {
      do elements.push(element());
      while (this.#take(/,?/y) === ",");
    }
    this.#at += 1;
    return elements;
  }

  #string(): string {
    return JSON.parse(this.#take(/"(?:[^"\\]|\\.)*"/y)) as string;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [taken = ""] = pattern.exec(this.#text) ?? [];
    this.#at += taken.length;
    return taken;
  }
}

function quoted(name: string): string {
  return JSON.stringify(name.toWellFormed());
}

const NOT_TEXT = "holds half a surrogate pair, which is no text";
