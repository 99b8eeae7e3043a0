import { isIP } from "node:net";
import { InvalidArgumentError } from "commander";

/** For options that can be repeated. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,15}$/.test(text) || count < 1) throw new InvalidArgumentError("It takes a whole number from 1.");
  return count;
}

export function parseFactor(text: string): number {
  if (!/^\d{1,7}(\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError("It takes a number such as 2 or 1.5.");
  return Number(text);
}

/** A duration as the policy and the admin API have it. */
export function parseDuration(text: string): string {
  if (/^\d{1,12}(ms|s|m|h|d)$/.test(text)) return text;
  throw new InvalidArgumentError("It takes a whole number and its unit: 500ms, 10s, 5m, 1h or 30d.");
}

/** A moment with its offset from UTC (RFC 3339). */
export function parseMoment(text: string): string {
  const isMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text);
  if (isMoment && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError("It takes a time such as 2031-01-01T00:00:00Z.");
}

export function parseAddress(text: string): string {
  if (!isIP(text)) throw new InvalidArgumentError("An address is IPv4 or IPv6, such as 203.0.113.9.");
  return text;
}

export function parseAdminUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!isPlain) throw new InvalidArgumentError("It takes a URL such as http://127.0.0.1:8081, without user or query.");
  return url;
}
