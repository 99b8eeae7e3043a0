import { HeadgateError } from "@headgate/core";
import { parseDuration } from "@headgate/policy";
import { type SyntheticRoute, TRAFFIC_SHAPES, type TrafficShape, type TrafficSpec } from "./traffic-spec.ts";

/** A {@link TrafficSpec} as people write it. What is missing has a default. */
export interface TrafficText {
  /** One of {@link TRAFFIC_SHAPES}. */
  readonly shape: string;
  /** `50/s`, `600/m`, `1000/h` or `2000/d`. */
  readonly rate?: string | undefined;
  readonly callers?: string | undefined;
  /** A duration, such as `1h`. */
  readonly for?: string | undefined;
  readonly seed?: string | undefined;
  /** Such as `GET /v1/events/{id}`. */
  readonly requests?: readonly string[] | undefined;
  /** Such as `authorization: Bearer {caller}`. */
  readonly headers?: readonly string[] | undefined;
}

/** Any instant will do, if it is always the same: a Monday in UTC. */
const STARTS_AT = Date.UTC(2026, 0, 5);
/** As many as there are addresses for. */
const MOST_CALLERS = 2 ** 24;
const LONGEST_MS = 400 * 86_400_000;
const MOST_PER_SECOND = 1_000_000;
const UNITS_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads what synthetic traffic is to be. Throws `HG_TRAFFIC_INVALID`, which names the part that is wrong. */
export function parseTraffic(text: TrafficText): TrafficSpec {
  const { rate = "10/s", callers = "100", for: time = "1h", seed = "1" } = text;
  const { requests = ["GET /"], headers = ["authorization: Bearer caller-{caller}"] } = text;
  return {
    shape: parseShape(text.shape),
    ratePerSecond: parseRate(rate),
    callers: parseWhole("the number of callers", callers, 1, MOST_CALLERS),
    durationMs: parseTime(time),
    seed: parseWhole("the seed", seed, 0, Number.MAX_SAFE_INTEGER - 1),
    startsAt: STARTS_AT,
    routes: requests.map(parseRoute),
    headers: Object.fromEntries(headers.map(parseHeader)),
  };
}

function parseShape(text: string): TrafficShape {
  const shape = TRAFFIC_SHAPES.find((name) => name === text);
  if (shape === undefined) throw invalid(`"${text}" is not a shape of traffic; there are ${TRAFFIC_SHAPES.join(", ")}`);
  return shape;
}

function parseRate(text: string): number {
  const [, count, unit] = /^(\d{1,9}(?:\.\d{1,9})?)\/([smhd])$/.exec(text) ?? [];
  const perSecond = Number(count) / (UNITS_S[unit ?? ""] ?? Number.NaN);
  if (!(perSecond > 0 && perSecond <= MOST_PER_SECOND)) {
    throw invalid(`the rate "${text}" is not one such as 50/s, 600/m, 1000/h or 2000/d, of up to a million a second`);
  }
  return perSecond;
}

function parseWhole(what: string, text: string, least: number, most: number): number {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= least && count <= most)) {
    throw invalid(`${what} is a whole number from ${least} to ${most}, not "${text}"`);
  }
  return count;
}

function parseTime(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0 || ms > LONGEST_MS) {
    throw invalid(`"${text}" is not a time such as 10s, 5m, 1h or 1d, of up to 400 days`);
  }
  return ms;
}

function parseRoute(text: string): SyntheticRoute {
  const [, method, target] = /^([A-Za-z]{1,32}) +(\/[!-~]{0,2000})$/.exec(text) ?? [];
  if (method === undefined || target === undefined) {
    throw invalid(`"${text}" is not a request such as "GET /v1/events/{id}"`);
  }
  return { method: method.toUpperCase(), target };
}

function parseHeader(text: string): [name: string, value: string] {
  const [, name, value] = /^([!#$%&'*+.^`|~\w-]{1,100}): *([ -~]{0,2000})$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw invalid(`"${text}" is not a header such as "x-api-key: key-{caller}"`);
  }
  return [name.toLowerCase(), value.trim()];
}

function invalid(message: string): HeadgateError {
  return new HeadgateError("HG_TRAFFIC_INVALID", message);
}
