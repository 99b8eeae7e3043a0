import type { ResetFormat } from "@headgate/core";
import type { Policy } from "@headgate/policy";
import type { Json } from "./overlay.ts";

/** The rate-limit headers of an API's answers as Header Objects, by name. */
export function headerObjects({ responses: { headers } }: Policy): Readonly<Record<string, Json>> {
  const { style, reset } = headers;
  return {
    ...(style === "x-ratelimit" || style === "both" ? xRateLimit(reset) : {}),
    ...(style === "ratelimit" || style === "both" ? RATELIMIT : {}),
  };
}

/** `Retry-After`, which refusals have; undefined where they have none. */
export function retryAfterObject({ responses: { retryAfter } }: Policy): Json | undefined {
  if (retryAfter === "never") return undefined;
  return { description: "Seconds to wait before the next try.", schema: { type: "integer", minimum: 1 } };
}

function xRateLimit(reset: ResetFormat): Record<string, Json> {
  return {
    "X-RateLimit-Limit": { description: "The most that the current window allows.", schema: { type: "integer" } },
    "X-RateLimit-Remaining": { description: "What is left of that.", schema: { type: "integer" } },
    ...(reset === "none" ? {} : { "X-RateLimit-Reset": RESETS[reset] }),
  };
}

const RESETS: Readonly<Record<Exclude<ResetFormat, "none">, Json>> = {
  "epoch-seconds": {
    description: "When the whole quota is there again, in seconds since 1970.",
    schema: { type: "integer" },
  },
  "epoch-ms": { description: "When the whole quota is there again, in ms since 1970.", schema: { type: "integer" } },
  "iso-8601": { description: "When the whole quota is there again.", schema: { type: "string", format: "date-time" } },
  "delta-seconds": { description: "Seconds until the whole quota is there again.", schema: { type: "integer" } },
};

const RATELIMIT = {
  "RateLimit-Policy": {
    description: "The limits that apply, with quota (q) and window (w).",
    schema: { type: "string" },
  },
  RateLimit: {
    description: "What is left of each (r), and seconds until it is whole (t).",
    schema: { type: "string" },
  },
};
