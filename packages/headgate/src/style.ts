import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Colour for people: none where standard output is not a terminal, or NO_COLOR is set. */
export function style(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}
