/** How a language writes values. */
interface Dialect {
  readonly indent: string;
  /** After the last item of a value on several lines. */
  readonly trailingComma: string;
  /** Around the items of an object on one line. */
  readonly padding: string;
  scalar(value: unknown): string;
  key(name: string): string;
}

const JSON_DIALECT: Dialect = {
  indent: "  ",
  trailingComma: "",
  padding: "",
  scalar: (value) => JSON.stringify(value),
  key: (name) => JSON.stringify(name),
};

const JAVASCRIPT: Dialect = {
  ...JSON_DIALECT,
  trailingComma: ",",
  padding: " ",
  key: javascriptKey,
};

const PYTHON: Dialect = {
  ...JSON_DIALECT,
  indent: "    ",
  trailingComma: ",",
  scalar: (value) =>
    value === null ? "None" : value === true ? "True" : value === false ? "False" : JSON.stringify(value),
};

/** What fits into this many characters stands on one line. */
const WIDTH = 72;

/** A JSON value as JSON. `margin` is what its lines after the first begin with. */
export function jsonLiteral(value: unknown, margin: string = ""): string {
  return written(value, margin, JSON_DIALECT);
}

/** A JSON value as JavaScript. */
export function javascriptLiteral(value: unknown, margin: string = ""): string {
  return written(value, margin, JAVASCRIPT);
}

/** A field's name as JavaScript writes it. */
export function javascriptKey(name: string): string {
  // Written as any other, this one would set the object's prototype.
  if (name === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** A JSON value as Python. JSON's escapes in strings are Python's too. */
export function pythonLiteral(value: unknown, margin: string = ""): string {
  return written(value, margin, PYTHON);
}

function written(value: unknown, margin: string, dialect: Dialect): string {
  if (typeof value !== "object" || value === null) return dialect.scalar(value);
  const isList = Array.isArray(value);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const inner = margin + dialect.indent;
  const items = isList
    ? value.map((item) => written(item, inner, dialect))
    : Object.entries(value).map(([key, item]) => `${dialect.key(key)}: ${written(item, inner, dialect)}`);
  const padding = isList || items.length === 0 ? "" : dialect.padding;
  const oneLine = `${open}${padding}${items.join(", ")}${padding}${close}`;
  if (items.length === 0 || (margin.length + oneLine.length <= WIDTH && !oneLine.includes("\n"))) return oneLine;
  return `${open}\n${items.map((item) => inner + item).join(",\n")}${dialect.trailingComma}\n${margin}${close}`;
}
