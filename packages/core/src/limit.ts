import { type Calendar, isTimezone } from "./calendar.ts";
import { HeadgateError } from "./errors.ts";

export type AlgorithmName = "fixed-window" | "sliding-window" | "token-bucket" | "concurrency";

/** What one unit of a quota is: the IETF draft's quota units (draft-ietf-httpapi-ratelimit-headers-11, `qu`). */
export type QuotaUnit = "requests" | "content-bytes" | "concurrent-requests";

/** What a limit's author writes. Everything but name and quota has a default; see {@link Limit} for the meanings. */
export interface LimitSpec {
  readonly name: string;
  readonly quota: number;
  readonly windowMs?: number;
  readonly calendar?: Calendar;
  readonly algorithm?: AlgorithmName;
  readonly align?: "first-request" | "clock";
  readonly burst?: number;
  readonly holdMs?: number;
  readonly unit?: QuotaUnit;
  readonly countRejected?: boolean;
  readonly mode?: "enforce" | "shadow";
  readonly counter?: string;
}

/** A named quota, validated and complete. Make one with {@link defineLimit}. */
export interface Limit {
  readonly name: string;
  readonly algorithm: AlgorithmName;
  /** Units allowed per window; for concurrency, at once. */
  readonly quota: number;
  /** Length of the window in ms; for concurrency, how long a holder that never reports back keeps its place. */
  readonly windowMs: number;
  /** Days or months of a time zone instead of a fixed length; fixed-window only. */
  readonly calendar: Calendar | undefined;
  /** Where a fixed window starts: at the partition's first request, or on multiples of the window since the epoch. */
  readonly align: "first-request" | "clock";
  /** Most units that can be spent at once: the token bucket's `burst`, else the quota. */
  readonly capacity: number;
  readonly unit: QuotaUnit;
  /** Rejected requests are charged too, so what remains can go below zero. */
  readonly countRejected: boolean;
  /** Shadow limits are counted and reported, never denied and never shown to callers. */
  readonly isShadow: boolean;
  /** Two numbers that tell this limit's partitions from other limits' in a shared store. */
  readonly counterId: readonly [number, number];
}

const LARGEST_QUOTA = 2 ** 40;
const LONGEST_WINDOW_MS = 400 * 86_400_000;
const DEFAULT_HOLD_MS = 60_000;
/** The algorithms that count in units of quota x window. */
const MULTIPLYING: ReadonlySet<AlgorithmName> = new Set(["sliding-window", "token-bucket"]);

/** Validates a limit and fills in its defaults. Throws `HG_LIMIT_INVALID`, naming the limit and the field. */
export function defineLimit(spec: LimitSpec): Limit {
  const algorithm = spec.algorithm ?? "fixed-window";
  const windowMs = windowOf(spec, algorithm);
  const capacity = spec.burst ?? spec.quota;

  if (spec.name === "") throw invalid(spec, "needs a name");
  if (!isUnits(spec.quota)) throw invalid(spec, `quota must be a whole number from 1 to 2^40, not ${spec.quota}`);
  if (!isUnits(capacity)) throw invalid(spec, `burst must be a whole number from 1 to 2^40, not ${capacity}`);
  if (spec.burst !== undefined && algorithm !== "token-bucket") throw invalid(spec, "burst belongs to token-bucket");
  if (spec.calendar !== undefined && algorithm !== "fixed-window") {
    throw invalid(spec, "calendar windows belong to fixed-window");
  }
  if (spec.calendar && !isTimezone(spec.calendar.timezone)) {
    throw invalid(spec, `"${spec.calendar.timezone}" is not a time zone; use an IANA name such as Europe/Berlin`);
  }
  if (spec.countRejected && algorithm === "concurrency") {
    throw invalid(spec, "a rejected request is never in flight: countRejected does not go with concurrency");
  }
  if (Math.max(spec.quota, capacity) > largestQuota({ algorithm, windowMs })) {
    throw invalid(spec, "quota x window is too large to count exactly: 2 x quota x window in ms must be below 2^53");
  }

  return Object.freeze({
    name: spec.name,
    algorithm,
    quota: spec.quota,
    windowMs,
    calendar: spec.calendar,
    align: spec.align ?? "first-request",
    capacity,
    unit: algorithm === "concurrency" ? "concurrent-requests" : (spec.unit ?? "requests"),
    countRejected: spec.countRejected ?? false,
    isShadow: spec.mode === "shadow",
    counterId: counterId(`${spec.counter ?? spec.name}\n${algorithm}`),
  });
}

/** The most units that can be counted exactly: 2 x units x window stays below 2^53 where an algorithm multiplies them. */
export function largestQuota({ algorithm, windowMs }: Pick<Limit, "algorithm" | "windowMs">): number {
  if (!MULTIPLYING.has(algorithm)) return LARGEST_QUOTA;
  return Math.min(LARGEST_QUOTA, Math.floor(Number.MAX_SAFE_INTEGER / (2 * windowMs)));
}

function windowOf(spec: LimitSpec, algorithm: AlgorithmName): number {
  const windowMs =
    algorithm === "concurrency"
      ? (spec.holdMs ?? DEFAULT_HOLD_MS)
      : (spec.windowMs ?? (spec.calendar && NOMINAL_MS[spec.calendar.unit]));
  if (windowMs === undefined) throw invalid(spec, "needs a window");
  if (!Number.isInteger(windowMs) || windowMs < 1 || windowMs > LONGEST_WINDOW_MS) {
    throw invalid(spec, `window must be a whole number of ms up to 400 days, not ${windowMs}`);
  }
  return windowMs;
}

/** What is advertised as the length of a calendar window; the true end comes from the calendar. */
const NOMINAL_MS = { day: 86_400_000, month: 30 * 86_400_000 };

function isUnits(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= LARGEST_QUOTA;
}

function invalid(spec: LimitSpec, message: string): HeadgateError {
  return new HeadgateError("HG_LIMIT_INVALID", `limit "${spec.name}": ${message}`);
}

/** Two FNV-1a hashes from different starting points: equal in every thread and process, which a counter of ids is not. */
function counterId(text: string): readonly [number, number] {
  let low = 0x811c9dc5;
  let high = 0x2f5b1a37;
  for (let i = 0; i < text.length; i++) {
    low = Math.imul(low ^ text.charCodeAt(i), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(i), 0x01000193);
  }
  return [low, high];
}
