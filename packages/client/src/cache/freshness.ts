import { type Directives, directivesOf, durationOf } from "./cache-control.ts";
import { headersOf, type KeptResponse } from "./kept-response.ts";

/** What only says when it was last changed is taken to stay as it is for no longer than this. */
const LONGEST_GUESS_MS = 24 * 60 * 60 * 1000;

/**
 * How long a response is fresh from when the origin made it, ms (RFC 9111, section 4.2.1): as it says; else `defaultTtlMs`,
 * if that is given; else a tenth of the time for which it had not changed (section 4.2.2), at most a day. `immutable`
 * adds nothing, for what is fresh is not asked about anyway.
 */
export function lifetimeMs(headers: Headers, receivedAt: number, defaultTtlMs?: number): number {
  const directives = directivesOf(headers);
  if (directives.has("no-cache")) return 0;
  const maxAge = durationOf(directives, "max-age");
  if (maxAge !== undefined) return maxAge;
  const date = instantOf(headers.get("date")) ?? receivedAt;
  const expires = headers.get("expires");
  // A date that cannot be read, such as 0, is one in the past (section 5.3).
  if (expires !== null) return Math.max(0, (instantOf(expires) ?? date) - date);
  if (defaultTtlMs !== undefined) return defaultTtlMs;
  const changed = instantOf(headers.get("last-modified")) ?? date;
  return Math.min(Math.max(0, (date - changed) / 10), LONGEST_GUESS_MS);
}

/**
 * When the origin made or confirmed a response that was asked for at `requestedAt`, epoch ms (section 4.2.3). `Date` is not
 * compared with this machine's clock: clients' clocks are off more often than caches on the way forget `Age`.
 */
export function bornAt(headers: Headers, requestedAt: number): number {
  const age = headers.get("age") ?? "";
  return requestedAt - (/^\d{1,10}$/.test(age) ? Number(age) * 1000 : 0);
}

/** How what is kept may be used without asking first; `refreshing` is: as it is now, and asked about meanwhile. */
export type Use = "fresh" | "stale" | "refreshing";

/** How a request may be answered with it at once (sections 4.2 and 5.2.1, RFC 5861); undefined if not at all. */
export function useOf(kept: KeptResponse, wishes: Directives, now: number): Use | undefined {
  const ageMs = now - kept.bornAt;
  const overdueMs = ageMs - kept.lifetimeMs;
  if (wishes.has("no-cache") || ageMs > (durationOf(wishes, "max-age") ?? ageMs)) return undefined;
  const minFreshMs = durationOf(wishes, "min-fresh");
  if (minFreshMs !== undefined && overdueMs > -minFreshMs) return undefined;
  if (overdueMs < 0) return "fresh";
  const directives = directivesOf(headersOf(kept));
  if (!mayBeStale(directives)) return undefined;
  if (wishes.get("max-stale") === "" || overdueMs <= (durationOf(wishes, "max-stale") ?? -1)) return "stale";
  return overdueMs < (durationOf(directives, "stale-while-revalidate") ?? 0) ? "refreshing" : undefined;
}

/** Whether it may stand in for an answer that failed (RFC 5861, section 4). */
export function outlastsErrors(kept: KeptResponse, now: number): boolean {
  const directives = directivesOf(headersOf(kept));
  const overdueMs = now - kept.bornAt - kept.lifetimeMs;
  return mayBeStale(directives) && overdueMs < (durationOf(directives, "stale-if-error") ?? 0);
}

function mayBeStale(directives: Directives): boolean {
  return !directives.has("no-cache") && !directives.has("must-revalidate");
}

function instantOf(date: string | null): number | undefined {
  const instant = Date.parse(date ?? "");
  return Number.isNaN(instant) ? undefined : instant;
}
