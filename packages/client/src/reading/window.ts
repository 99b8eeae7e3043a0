/** The window that a quota has with it, as in `100;w=60`: ms, or undefined. */
export function windowIn(text: string | null | undefined): number | undefined {
  const seconds = text?.includes("w") && /;\s*w=(\d{1,9})/.exec(text)?.[1];
  return seconds ? Number(seconds) * 1000 : undefined;
}
