import { renderReset } from "@headgate/core";
import type { Dialect } from "../../src/index.ts";

/** How an API says to come again in 2 s. */
interface Spoken {
  readonly name: string;
  /** What a 429 at `now` says that is over in 2 s, and that may be rounded up to whole seconds of the clock. */
  readonly headers: (now: number) => Record<string, string>;
  readonly isRoundedUp?: boolean;
  readonly body?: string;
  readonly dialect?: Dialect;
}

const epoch = (now: number) => renderReset(now + 2_000, "epoch-seconds", now);
const iso = (now: number) => renderReset(now + 2_000, "iso-8601", now);
const httpDate = (now: number) => new Date(Math.ceil((now + 2_000) / 1000) * 1000).toUTCString();
const used = { "x-ratelimit-limit": "10", "x-ratelimit-remaining": "0" };
const problem = JSON.stringify({
  type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
  title: "Request cannot be satisfied as assigned quota has been exceeded",
  "violated-policies": ["costly"],
});

export const DIALECTS: readonly Spoken[] = [
  { name: "Logproof", headers: () => ({ ...used, "retry-after": "2" }) },
  {
    name: "Initial State",
    headers: (now) => ({ ...used, "retry-after": "2", "x-ratelimit-reset": epoch(now) }),
  },
  {
    name: "Measurabl",
    headers: (now) => ({ ...used, "retry-after": "2", "x-ratelimit-reset": iso(now) }),
  },
  {
    name: "Measurabl, remaining below zero and a reset in minutes",
    headers: (now) => ({
      "x-ratelimit-limit": "25",
      "x-ratelimit-remaining": "-3",
      "retry-after": "2",
      "x-ratelimit-reset": renderReset(now + 300_000, "iso-8601", now),
    }),
  },
  { name: "Keymint", headers: () => ({ "retry-after": "2" }) },
  { name: "Retry-After as an HTTP date", headers: (now) => ({ "retry-after": httpDate(now) }), isRoundedUp: true },
  {
    name: "an epoch in seconds alone",
    headers: (now) => ({ ...used, "x-ratelimit-reset": epoch(now) }),
    isRoundedUp: true,
  },
  { name: "ISO 8601 alone", headers: (now) => ({ ...used, "x-ratelimit-reset": iso(now) }) },
  { name: "seconds from now alone", headers: () => ({ ...used, "x-ratelimit-reset": "2" }) },
  { name: "an epoch in ms alone", headers: (now) => ({ ...used, "x-ratelimit-reset": `${now + 2_000}` }) },
  { name: "X-Rate-Limit", headers: () => ({ "x-rate-limit-remaining": "0", "x-rate-limit-reset": "2" }) },
  { name: "RateLimit-Reset and nothing else", headers: () => ({ "ratelimit-reset": "2" }) },
  {
    name: "the trio of the older drafts",
    headers: () => ({ "ratelimit-limit": "10, 10;w=60", "ratelimit-remaining": "0", "ratelimit-reset": "2" }),
  },
  {
    name: "draft 7",
    headers: () => ({ ratelimit: "limit=10, remaining=0, reset=2", "ratelimit-policy": "10;w=60" }),
  },
  {
    name: "draft 8 and later",
    headers: () => ({ ratelimit: '"default";r=0;t=2', "ratelimit-policy": '"default";q=10;w=60' }),
  },
  {
    name: "a problem that names the limit a costly call violates",
    headers: () => ({
      "content-type": "application/problem+json",
      ratelimit: '"costly";r=3;t=2, "daily";r=90;t=50000',
      "ratelimit-policy": '"costly";q=10;w=60, "daily";q=100;w=86400',
    }),
    body: problem,
  },
  {
    name: "a dialect that was declared",
    headers: (now) => ({ "x-left": "0", "x-again": `${now + 2_000}` }),
    dialect: { remaining: "x-left", resetHeader: "x-again", reset: "epoch-ms" },
  },
];
