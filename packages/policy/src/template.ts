import { isPlaceholder, PLACEHOLDER_PATTERN, type Placeholder } from "./placeholders.ts";
import type { ResponseTemplate } from "./policy.ts";

/** What stands in for placeholders. One that is not known is "" within a text, and null as a whole value. */
export type PlaceholderValues = { readonly [name in Placeholder]?: string | number | undefined };

/** Renders a body to what is sent. */
export type BodyRenderer = (values: PlaceholderValues) => string;

type Part = (values: PlaceholderValues) => unknown;

const renderers = new WeakMap<ResponseTemplate, BodyRenderer>();

/** The renderer of a template's body. The body is taken apart once, however often it is sent. */
export function bodyRenderer(template: ResponseTemplate): BodyRenderer {
  let renderer = renderers.get(template);
  if (!renderer) {
    renderer = compileBody(template.body);
    renderers.set(template, renderer);
  }
  return renderer;
}

function compileBody(body: unknown): BodyRenderer {
  if (typeof body === "string") {
    const render = compileText(body);
    return (values) => String(render(values) ?? "");
  }
  const render = compileValue(body);
  return (values) => JSON.stringify(render(values));
}

function compileValue(value: unknown): Part {
  if (typeof value === "string") return compileText(value);
  if (Array.isArray(value)) {
    const parts = value.map(compileValue);
    return (values) => parts.map((part) => part(values));
  }
  if (typeof value !== "object" || value === null) return () => value;
  const fields = Object.entries(value).map(([key, field]) => [key, compileValue(field)] as const);
  return (values) => Object.fromEntries(fields.map(([key, part]) => [key, part(values)]));
}

/** A string that is one placeholder and nothing else becomes its value: a number stays a number. */
function compileText(text: string): Part {
  // Splitting by a pattern with one group gives text and placeholder in turns.
  const pieces = text.split(new RegExp(PLACEHOLDER_PATTERN, "g"));
  const [before, name, after] = pieces;
  if (pieces.length === 1) return () => text;
  if (pieces.length === 3 && before === "" && after === "" && name !== undefined && isPlaceholder(name)) {
    return (values) => values[name] ?? null;
  }
  return (values) =>
    pieces.map((piece, i) => (i % 2 === 1 && isPlaceholder(piece) ? (values[piece] ?? "") : piece)).join("");
}
