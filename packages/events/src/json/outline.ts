import { FieldNames } from "./field-names.ts";
import type { JsonPath } from "./json-pointer.ts";

/** How deep an item may be nested. */
export const MAX_DEPTH = 16;
/** Fields that an item may have, in all its objects together. */
export const MAX_FIELDS = 256;

/** What a JSON text says that its value does not. */
export interface JsonOutline {
  /** In order, one for each value at the depth that was asked for. */
  readonly items: readonly JsonItem[];
  /** The first thing that is wrong around the items. */
  readonly fault: JsonFault | undefined;
}

/** One of the values that are looked at one by one. */
export interface JsonItem {
  /** As it is written. */
  readonly text: string;
  /** How the value of its wanted field is written, byte for byte; undefined where it has none. */
  readonly wanted: string | undefined;
  /** The first thing that is wrong within it. */
  readonly fault: JsonFault | undefined;
}

/** What is wrong with a JSON text although it is JSON. */
export interface JsonFault {
  /** From the item; where it is in none, from the outermost value. */
  readonly path: JsonPath;
  /** In words that go after the name of what is there. */
  readonly detail: string;
}

/** Names that programs written in JavaScript take for something else. */
const POLLUTING: readonly string[] = ["__proto__", "constructor", "prototype"];

/**
 * Reads how a JSON text is written: fields that are there twice, of which `JSON.parse` silently takes the last, names that
 * would pollute prototypes, halves of surrogate pairs, what is nested too deep or has too many fields; and the very text of
 * the field `wanted` of each item. The items are the elements of the arrays that `itemDepth` brackets are around: 2 for
 * those of an array that is a field of the outermost object; 0 makes the outermost value the only item.
 *
 * The text must be JSON, and well formed apart from its escapes. Takes about twice as long as `JSON.parse` itself does
 * (bench/outline.ts).
 */
export function outlineOf(text: string, itemDepth: number, wanted?: string): JsonOutline {
  return new Outline(text, itemDepth, wanted).read();
}

/** An array or object around the place that is being read. */
interface Level {
  /** The field or element that is being read. */
  at: string | number;
  /** Of an object's fields so far; undefined of an array. */
  readonly names: FieldNames | undefined;
}

class Outline {
  readonly #text: string;
  readonly #itemDepth: number;
  readonly #wanted: string | undefined;
  readonly #levels: Level[] = [];
  readonly #items: JsonItem[] = [];
  #fault: JsonFault | undefined;
  #fields = 0;
  /** Of the item that is being read; -1 around the items. */
  #start = -1;
  #itemFault: JsonFault | undefined;
  #wantedStart = -1;
  #wantedText: string | undefined;

  constructor(text: string, itemDepth: number, wanted: string | undefined) {
    this.#text = text;
    this.#itemDepth = itemDepth;
    this.#wanted = wanted;
  }

  read(): JsonOutline {
    const text = this.#text;
    if (this.#itemDepth === 0) this.#beginItem(0);
    for (let at = 0; at < text.length; at++) {
      switch (text.charCodeAt(at)) {
        case QUOTE:
          at = this.#readString(at);
          break;
        case OPEN_BRACE:
          this.#open(at, true);
          break;
        case OPEN_BRACKET:
          this.#open(at, false);
          break;
        case COMMA:
          this.#goOn(at);
          break;
        case CLOSE_BRACE:
        case CLOSE_BRACKET:
          this.#close(at);
          break;
      }
    }
    if (this.#itemDepth === 0) this.#endItem(text.length);
    return { items: this.#items, fault: this.#fault };
  }

  #open(at: number, isObject: boolean): void {
    const levels = this.#levels;
    if (levels.length - this.#outermost === MAX_DEPTH) this.#note(`is nested deeper than ${MAX_DEPTH} levels`);
    levels.push(isObject ? { at: "", names: new FieldNames() } : { at: 0, names: undefined });
    if (levels.length === this.#itemDepth && !isObject) this.#beginItem(at + 1);
  }

  /** At a comma. */
  #goOn(at: number): void {
    const level = this.#levels.at(-1) as Level;
    if (typeof level.at === "number") level.at += 1;
    const isBetweenItems = this.#start !== -1 && this.#levels.length === this.#itemDepth;
    this.#endValue(at);
    if (isBetweenItems) this.#beginItem(at + 1);
  }

  #close(at: number): void {
    this.#endValue(at);
    this.#levels.pop();
  }

  /** What ends with a field or an element. */
  #endValue(at: number): void {
    const depth = this.#levels.length - this.#itemDepth;
    if (depth === 0 && this.#start !== -1) this.#endItem(at);
    else if (depth === 1 && this.#wantedStart !== -1) this.#endWanted(at);
  }

  #beginItem(start: number): void {
    this.#start = start;
    this.#itemFault = undefined;
    this.#fields = 0;
    this.#wantedText = undefined;
  }

  #endItem(end: number): void {
    const text = this.#text.slice(this.#start, end).trim();
    // An empty array has no element, though its brackets have a beginning and an end.
    if (text !== "") this.#items.push({ text, wanted: this.#wantedText, fault: this.#itemFault });
    this.#start = -1;
  }

  #endWanted(end: number): void {
    this.#wantedText = this.#text.slice(this.#wantedStart, end).trim();
    this.#wantedStart = -1;
  }

  /** Returns where the string ends. */
  #readString(start: number): number {
    const text = this.#text;
    let end = start + 1;
    let isPlain = true;
    for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt(end)) {
      if (code === BACKSLASH) {
        isPlain = false;
        end += 1;
      }
      end += 1;
    }
    const level = this.#levels.at(-1);
    if (level?.names && isNameAt(text, end)) this.#readName(level, start, end, isPlain);
    else if (!isPlain && !isWellFormed(text.slice(start, end + 1))) this.#note(NOT_TEXT);
    return end;
  }

  #readName(level: Level, start: number, end: number, isPlain: boolean): void {
    const text = this.#text;
    const name = isPlain ? text.slice(start + 1, end) : (JSON.parse(text.slice(start, end + 1)) as string);
    const within = this.#levels.length - 1;
    const isInItem = this.#start !== -1;
    if (isInItem) this.#fields += 1;
    const isNew = level.names?.add(name);
    if (this.#fields > MAX_FIELDS) this.#note(`has more than ${MAX_FIELDS} fields`, this.#outermost);
    else if (!isNew) this.#note(`has the field ${quoted(name)} twice`, within);
    else if (POLLUTING.includes(name)) this.#note(`has a field that must not be called ${quoted(name)}`, within);
    else if (!isPlain && !name.isWellFormed()) this.#note(NOT_TEXT, within);
    level.at = name;
    if (isInItem && within === this.#itemDepth && name === this.#wanted) this.#wantedStart = text.indexOf(":", end) + 1;
  }

  /** Levels around what is looked at as a whole. */
  get #outermost(): number {
    return this.#start === -1 ? 0 : this.#itemDepth;
  }

  /** The first fault is enough: of an item, or of what is around the items. The levels to `depth` lead to it. */
  #note(detail: string, depth: number = this.#levels.length): void {
    if (this.#start === -1) this.#fault ??= { path: this.#pathTo(depth), detail };
    else this.#itemFault ??= { path: this.#pathTo(depth), detail };
  }

  #pathTo(depth: number): JsonPath {
    return this.#levels.slice(this.#outermost, depth).map(({ at }) => at);
  }
}

function isNameAt(text: string, quote: number): boolean {
  let at = quote + 1;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(at) === COLON;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isWellFormed(quotedText: string): boolean {
  return !SURROGATE.test(quotedText) || (JSON.parse(quotedText) as string).isWellFormed();
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100).toWellFormed());
}

const SURROGATE = /\\u[dD][89a-fA-F]/;
const NOT_TEXT = "holds half a surrogate pair, which is no text";
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
