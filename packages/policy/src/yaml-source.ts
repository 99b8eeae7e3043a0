import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import type { PolicyErrorCode } from "./errors.ts";
import { type Finding, formatPath, type Path, type Problem } from "./problem.ts";

/** Repetitions by aliases; a policy that shares a few bodies stays far below. */
const MOST_ALIASES = 100;

/** A YAML text that remembers where everything in it is written. */
export class YamlSource {
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: "error" });
  }

  /** What keeps the text from being read at all. */
  faults(): Problem[] {
    const { errors, warnings } = this.#document;
    const faults = [...errors, ...warnings].map(({ code, message, pos: [offset] }) => {
      if (code === "DUPLICATE_KEY") {
        return this.#fault("HG_POLICY_DUPLICATE_KEY", "this field is written twice", "keep one of the two", offset);
      }
      const isSecond = code === "MULTIPLE_DOCS";
      const what = isSecond ? "a second document begins here" : message;
      const hint = isSecond ? "one file holds one policy" : "see https://yaml.org for how lists and maps are written";
      return this.#fault("HG_POLICY_SYNTAX", what, hint, offset);
    });
    return faults.length > 0 ? faults : this.#aliasFaults();
  }

  /** The text as plain values. Only for a text without {@link faults}. */
  value(): unknown {
    return this.#document.toJS({ maxAliasCount: MOST_ALIASES });
  }

  /** A value as it is written: `1e3`, where {@link value} has 1000. Undefined where it is neither text nor number. */
  writtenAt(path: Path): string | undefined {
    let node = this.#resolved(this.#document.contents);
    for (const segment of path) node = this.#resolved(childOf(node, segment)?.value ?? null);
    return isScalar(node) ? node.source : undefined;
  }

  /** Puts a finding where it is written; what is not written is where its nearest parent is. */
  locate({ code, message, hint, path, isAboutKey }: Finding): Problem {
    const severity = code.startsWith("HG_LINT_") ? "lint" : "fault";
    return {
      severity,
      code,
      message,
      hint,
      ...this.#at(this.#offsetOf(path, isAboutKey ?? false)),
      path: formatPath(path),
    };
  }

  #offsetOf(path: Path, isAboutKey: boolean): number {
    let node = this.#resolved(this.#document.contents);
    let offset = startOf(node);
    for (const [depth, segment] of path.entries()) {
      const child = childOf(node, segment);
      if (child === undefined) break;
      const isWanted = depth === path.length - 1;
      offset = startOf(isWanted && isAboutKey ? (child.key ?? child.value) : placeOf(child));
      node = this.#resolved(child.value);
    }
    return offset;
  }

  #resolved(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#document) ?? null) : node;
  }

  #aliasFaults(): Problem[] {
    const faults: Problem[] = [];
    let firstAlias: number | undefined;
    visit(this.#document, {
      Alias: (_, alias) => {
        firstAlias ??= startOf(alias);
        if (alias.resolve(this.#document)) return;
        const message = `there is no anchor &${alias.source} before this alias`;
        faults.push(
          this.#fault("HG_POLICY_SYNTAX", message, "define the anchor first, or quote the *", startOf(alias)),
        );
      },
    });
    if (faults.length > 0 || firstAlias === undefined) return faults;
    try {
      this.value();
      return [];
    } catch {
      const message = "aliases repeat too much of the file";
      return [this.#fault("HG_POLICY_ALIASES", message, "write the values out where they are needed", firstAlias)];
    }
  }

  #fault(code: PolicyErrorCode, message: string, hint: string, offset: number): Problem {
    return { severity: "fault", code, message, hint, ...this.#at(offset), path: "" };
  }

  #at(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** A field's name and value, or an item, which has no name. */
interface Child {
  readonly key: Node | null;
  readonly value: Node | null;
}

function childOf(node: Node | null, segment: string | number): Child | undefined {
  if (isMap<Node, Node | null>(node)) {
    return node.items.find(({ key }) => isScalar(key) && String(key.value) === segment);
  }
  if (!isSeq<Node>(node) || typeof segment !== "number") return undefined;
  const value = node.items[segment];
  return value && { key: null, value };
}

/** Where people look for a value: at the value itself, but at its field's name if it is empty or begins lines below. */
function placeOf({ key, value }: Child): Node | null {
  const isBlock = (isMap(value) || isSeq(value)) && !value.flow;
  const isEmpty = value === null || (isScalar(value) && value.value === null);
  return (isBlock || isEmpty) && key !== null ? key : value;
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
