const WINDOW = /;\s*w=(?=\d)/g;

/** The window that a quota has with it, as in `100;w=60`: ms, or undefined. */
export function windowIn(text: string | null): number | undefined {
  if (!text?.includes("w")) return undefined;
  WINDOW.lastIndex = 0;
  return WINDOW.test(text) ? Number.parseInt(text.slice(WINDOW.lastIndex), 10) * 1000 : undefined;
}
