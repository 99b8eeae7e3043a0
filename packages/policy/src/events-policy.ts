import { parseRange } from "./address.ts";
import { parseBaseUrl } from "./base-url.ts";
import { parseDuration } from "./duration.ts";
import type { EventsSection, RetentionSection } from "./schema/events.ts";

/** What a policy says of the built-in events API, `upstream: builtin:events`. */
export interface EventsPolicy {
  /** Events that one call may carry, at most. */
  readonly maxBatch: number;
  readonly retention: Retention;
  /** Networks in CIDR notation that webhooks may reach although they are private; empty: none. */
  readonly webhookNetworks: readonly string[];
  /** Where callers reach the API, for the absolute URLs it tells; undefined: they are told paths. */
  readonly publicUrl: URL | undefined;
}

/** How long events are kept, from their receipt on; undefined: for ever. */
export interface Retention {
  readonly defaultMs: number | undefined;
  /** By plan, instead of the default. */
  readonly plans: ReadonlyMap<string, number | undefined>;
}

/** What holds where a policy says nothing. */
export const DEFAULT_EVENTS_POLICY: EventsPolicy = Object.freeze({
  maxBatch: 100,
  retention: Object.freeze({ defaultMs: undefined, plans: new Map() }),
  webhookNetworks: Object.freeze([]),
  publicUrl: undefined,
});

export function compileEvents(section: EventsSection | undefined): EventsPolicy {
  if (section === undefined) return DEFAULT_EVENTS_POLICY;
  const { "max-batch": maxBatch, retention, webhooks, "public-url": publicUrl } = section;
  return {
    maxBatch: maxBatch ?? DEFAULT_EVENTS_POLICY.maxBatch,
    retention: compileRetention(typeof retention === "string" ? { default: retention } : (retention ?? {})),
    webhookNetworks: (webhooks?.networks ?? []).map(inCidrNotation),
    publicUrl: publicUrl === undefined ? undefined : parseBaseUrl(publicUrl),
  };
}

/** The plans whose events are kept for a time of their own. */
export function plansOfRetention(section: EventsSection | undefined): string[] {
  const { retention = {} } = section ?? {};
  return typeof retention === "string" ? [] : Object.keys(retention.plans ?? {});
}

/** What is no duration is `forever`, or there would have been a fault. */
function compileRetention({ default: kept = "", plans = {} }: RetentionSection): Retention {
  return {
    defaultMs: parseDuration(kept),
    plans: new Map(Object.entries(plans).map(([plan, text]) => [plan, parseDuration(text)])),
  };
}

/** An address alone is a network of one. */
function inCidrNotation(text: string): string {
  const [start, bits] = parseRange(text) ?? [];
  return `${start}/${bits}`;
}
