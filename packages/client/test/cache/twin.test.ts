import fc from "fast-check";
import CachePolicy from "http-cache-semantics";
import { describe, expect, test } from "vitest";
import { bornAt, lifetimeMs } from "../../src/cache/freshness.ts";
import { openRig, START, URL_ } from "./origin.ts";

/** http-cache-semantics as a private cache, at the time that a test says, and with an immutable that adds nothing. */
function policyOf(request: CachePolicy.Request, response: CachePolicy.Response, clock: { at: number }): CachePolicy {
  class Policy extends CachePolicy {
    now(): number {
      return clock.at;
    }
  }
  return new Policy(request, response, { shared: false, immutableMinTimeToLive: 0 });
}

const seconds = fc.integer({ min: 0, max: 200 });
const httpDate = seconds.map((second) => new Date(START + (second - 100) * 1000).toUTCString());
const directive = fc.oneof(
  fc.constantFrom(
    "no-cache",
    "no-store",
    "must-revalidate",
    "public",
    "private",
    "immutable",
    "max-age=abc",
    "max-age=-1",
  ),
  fc.tuple(fc.constantFrom("max-age", "stale-while-revalidate", "s-maxage"), seconds).map((pair) => pair.join("=")),
);
const answer = fc.record({
  status: fc.constantFrom(200, 200, 200, 203, 204, 404, 405, 410, 414, 501, 302, 400, 401, 403, 429, 500, 503),
  headers: fc.record(
    {
      "cache-control": fc
        .uniqueArray(directive, { maxLength: 3, selector: (text) => text.split("=")[0] })
        .map((all) => all.join(", ")),
      expires: fc.oneof(httpDate, fc.constantFrom("0", "never")),
      date: fc.oneof(httpDate, fc.constant("today")),
      "last-modified": fc.oneof(httpDate, fc.constant("Wed, 01 Jan 2020 00:00:00 GMT"), fc.constant("long ago")),
      age: fc.oneof(seconds.map(String), fc.constant("old")),
      etag: fc.constantFrom('"1"', 'W/"1"'),
      vary: fc.constantFrom("accept", "Accept, Accept-Language", "*"),
      pragma: fc.constantFrom("no-cache", "x"),
    },
    { requiredKeys: [] },
  ),
});
const wish = fc.oneof(
  fc.constantFrom("no-cache", "max-stale"),
  fc.tuple(fc.constantFrom("max-age", "min-fresh", "max-stale"), seconds).map((pair) => pair.join("=")),
);
const wishes = fc
  .uniqueArray(wish, { maxLength: 2, selector: (text) => text.split("=")[0] })
  .map((all) => all.join(", "));
/** `Pragma` alone: beside `Cache-Control` the RFC has it say nothing, and the other takes it as well. */
const asking = fc
  .tuple(
    fc.record({ accept: fc.constantFrom("a", "b") }, { requiredKeys: [] }),
    wishes,
    fc.constantFrom("no-cache", "x"),
    fc.nat(2),
  )
  .map(([accept, wish, pragma, which]): Record<string, string> => {
    return { ...accept, ...(which === 0 && { "cache-control": wish }), ...(which === 1 && { pragma }) };
  });
const firstAsking = fc.oneof(asking, fc.constant({ "cache-control": "no-store" }));
/** Halves, for where one is exactly as stale as is accepted, RFC 9111 takes it and the other does not. */
const elapsed = seconds.map((second) => second * 1000 + 500);

/** Without redirects, which fetch follows, and without what could be neither fresh nor asked about. */
function isKept(
  policy: CachePolicy,
  { status, headers }: { status: number; headers: Record<string, string> },
): boolean {
  const isUseful = policy.maxAge() > 0 || "etag" in headers || "last-modified" in headers;
  return policy.storable() && isUseful && status !== 302 && headers.vary !== "*";
}

const ASKED_ANEW = { use: undefined, etag: null, since: null };

/**
 * What the other does with a second request; undefined where the two differ by design: it asks about what `must-revalidate`
 * as soon as it is stored, and not when it is stale, and by `max-stale` it uses what says `no-cache`.
 */
function verdictOf(policy: CachePolicy, request: CachePolicy.Request, headers: Record<string, string>) {
  const asks = policy.revalidationHeaders(request);
  const since = headers.etag ? null : (asks["if-modified-since"] ?? null);
  const tags = { etag: asks["if-none-match"] ?? null, since };
  const { response, revalidation } = policy.evaluateRequest(request);
  const hasToAsk = /must-revalidate|no-cache/.test(headers["cache-control"] ?? headers.pragma ?? "");
  if (hasToAsk) return policy.stale() ? { use: undefined, ...tags } : undefined;
  if (!response) return { use: undefined, ...tags };
  if (revalidation) return { use: "stale", ...tags };
  return { use: policy.stale() ? "stale" : "fresh", etag: undefined, since: undefined };
}

describe("beside http-cache-semantics, which is published and well used,", () => {
  test("a response is fresh for as long, and as old, but that a guess ends after a day", () => {
    fc.assert(
      fc.property(answer, elapsed, ({ status, headers }, elapsedMs) => {
        const clock = { at: START };
        const policy = policyOf({ headers: {} }, { status, headers }, clock);
        fc.pre(isKept(policy, { status, headers }));
        const known = new Headers(headers);
        const isGuess = !/max-age/.test(headers["cache-control"] ?? "") && headers.expires === undefined;
        const expected = Math.max(0, policy.maxAge() * 1000);
        expect(lifetimeMs(known, START)).toBeCloseTo(isGuess ? Math.min(expected, 86_400_000) : expected, 3);
        clock.at += elapsedMs;
        expect(clock.at - bornAt(known, START)).toBeCloseTo(policy.age() * 1000, 3);
      }),
      { numRuns: 2_000 },
    );
  });

  test("the same is stored, used, used while it is asked about, or asked about, and by the same tags", async () => {
    await fc.assert(
      fc.asyncProperty(firstAsking, answer, asking, elapsed, async (first, { status, headers }, second, elapsedMs) => {
        const rig = openRig();
        const text = status === 204 ? null : "1";
        rig.answer = () => new Response(text, { status, headers });
        await rig.get({ headers: first });
        const policy = policyOf({ method: "GET", url: URL_, headers: first }, { status, headers }, rig.clock);
        rig.clock.at += elapsedMs;
        const { use } = await rig.get({ headers: second });
        const sent = rig.asked[1]?.headers;
        const seen = { use, etag: sent?.get("if-none-match"), since: sent?.get("if-modified-since") };

        const request = { method: "GET", url: URL_, headers: second };
        const expected = isKept(policy, { status, headers }) ? verdictOf(policy, request, headers) : ASKED_ANEW;
        fc.pre(expected !== undefined);
        expect(seen).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
