import { hash } from "node:crypto";

const SHOWN_CHARACTERS = 8;

/**
 * A caller as reports show it. Of whatever may be a secret only the beginning, never more than half of it, and a short hash
 * by which it is told from others and found again.
 */
export function shownCaller(kind: string, value: string): string {
  if (kind === "ip") return value;
  const shown = value.slice(0, Math.min(SHOWN_CHARACTERS, Math.floor(value.length / 2)));
  return `${shown}… (${hash("sha256", value).slice(0, 6)})`;
}
