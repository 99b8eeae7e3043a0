/** `1,000,000`: whole numbers as people write them. */
export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 request`, `25 requests`. */
export function quantity(value: number, singular: string): string {
  return `${number(value)} ${value === 1 ? singular : `${singular}s`}`;
}

/** `a, b and c`. */
export function enumeration(words: readonly string[], conjunction: "and" | "or" = "and"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
}

/** `200 KB`, with 1024 bytes to the KB. */
export function size(bytes: number): string {
  for (const [unit, factor] of UNITS)
    if (bytes >= factor && bytes % factor === 0) return `${number(bytes / factor)} ${unit}`;
  return quantity(bytes, "byte");
}

const UNITS = [
  ["GB", 1024 ** 3],
  ["MB", 1024 ** 2],
  ["KB", 1024],
] as const;

export function capitalised(text: string): string {
  return text.replace(/^\p{Ll}/u, (first) => first.toUpperCase());
}
