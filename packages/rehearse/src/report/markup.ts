const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that is HTML already. Only {@link html} makes it. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  static of(strings: TemplateStringsArray, values: readonly Inserted[]): Markup {
    const parts = strings.map((string, i) => string + (i < values.length ? sourceOf(values[i] as Inserted) : ""));
    return new Markup(parts.join(""));
  }

  toString(): string {
    return this.#text;
  }
}

type Inserted = Markup | string | number | readonly Markup[];

/**
 * A template of HTML. Whatever is put in is escaped, unless it is {@link Markup} itself: so nothing that a stranger wrote
 * into a log becomes an element. Attributes must be in double quotes.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Inserted[]): Markup {
  return Markup.of(strings, values);
}

function sourceOf(value: Inserted): string {
  if (value instanceof Markup) return value.toString();
  if (typeof value === "object") return value.join("\n");
  return String(value).replaceAll(/[&<>"']/g, (character) => ESCAPES[character] as string);
}
