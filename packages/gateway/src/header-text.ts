/** One text of a header's values (RFC 9110, section 5.3). */
export function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" || value === undefined ? value : value.join(", ");
}
