/**
 * Text that somebody else wrote, fit for a line of a terminal or a log: what cannot be seen, or would rearrange the line, is
 * written as an escape such as `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escaped);
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
