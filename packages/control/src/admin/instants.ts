import { parseDuration } from "@headgate/policy";
import Type, { type TOptional, type TUnsafe } from "typebox";
import { Refusal } from "./refusal.ts";

/** As long as the policy's durations may be. */
const LONGEST_MS = 400 * 86_400_000;

/** How durations are written, as a regular expression. */
export const DURATION = "^[0-9]{1,12}(ms|s|m|h|d)$";

/** Epoch ms as the API shows it. */
export function isoOf(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

export function isoOrNull(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : isoOf(epochMs);
}

/** A duration of a body, as in the policy. */
export function durationField(description: string): TOptional<TUnsafe<string>> {
  return Type.Optional(Type.Unsafe<string>({ type: "string", pattern: DURATION, description, examples: ["24h"] }));
}

/** A moment of a body, with its offset from UTC (RFC 3339). */
export function instantField(description: string): TOptional<TUnsafe<string>> {
  return Type.Optional(
    Type.Unsafe<string>({ type: "string", format: "date-time", description, examples: ["2031-01-01T00:00:00Z"] }),
  );
}

/** Reads a body's duration. Throws `HG_LIFETIME_INVALID` above 400 days. */
export function durationMs(field: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= LONGEST_MS) return ms;
  throw lifetimeFault(field, "must be a duration of at most 400d");
}

/** When something ends: so long from now, or at a moment; undefined where the body says neither. */
export function endOf(
  body: Readonly<Record<string, unknown>>,
  { lasting, until }: { readonly lasting: string; readonly until: string },
  now: number,
): number | undefined {
  const duration = body[lasting] as string | undefined;
  const moment = body[until] as string | null | undefined;
  if (duration !== undefined && moment !== undefined) throw lifetimeFault(until, `cannot stand beside \`${lasting}\``);
  if (duration !== undefined) return now + durationMs(lasting, duration);
  return typeof moment === "string" ? Date.parse(moment) : undefined;
}

function lifetimeFault(field: string, detail: string): Refusal {
  const faults = [{ pointer: `#/${field}`, detail }];
  return new Refusal("HG_LIFETIME_INVALID", `\`${field}\` ${detail}.`, { faults });
}
