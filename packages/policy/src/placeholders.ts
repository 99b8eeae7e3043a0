/** What strings in a refusal's body may hold, in braces. */
export const PLACEHOLDERS = ["retry_after", "limit", "quota", "window", "remaining", "reset"] as const;

export type Placeholder = (typeof PLACEHOLDERS)[number];

/** Finds what looks like a placeholder; the name is the group. */
export const PLACEHOLDER_PATTERN: RegExp = /\{([a-z_]+)\}/;

export function isPlaceholder(name: string): name is Placeholder {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}
