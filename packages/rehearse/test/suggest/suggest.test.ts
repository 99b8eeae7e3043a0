import { loadPolicy, type Policy } from "@headgate/policy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LoggedRequest } from "../../src/logged-request.ts";
import type { Rehearsal } from "../../src/rehearsal.ts";
import { rehearse } from "../../src/rehearse.ts";
import { type Suggestion, suggest } from "../../src/suggest/suggest.ts";
import { suggestedPolicy } from "../../src/suggest/suggested-policy.ts";
import { suggestionJson } from "../../src/suggest/suggestion-json.ts";
import { parseTraffic } from "../../src/synthetic/parse-traffic.ts";
import { syntheticTraffic } from "../../src/synthetic/synthetic-traffic.ts";
import { TRAFFIC_SHAPES } from "../../src/synthetic/traffic-spec.ts";
import { readingOf } from "./reading-of.ts";

const UPSTREAM = "http://127.0.0.1:3000";
const REQUESTS = ["GET /v1/events", "GET /v1/events/{id}", "GET /v1/events", "POST /v1/token", "GET /v1/users/{id}"];

interface LogOptions {
  readonly shape: string;
  readonly rate: string;
  readonly callers: number;
  readonly minutes: number;
  readonly seed: number;
  /** One caller in so many shows no key; 0 for none. */
  readonly anonymousEach: number;
  /** So many callers have one address. */
  readonly perAddress: number;
}

/** A log of callers with keys and without, and of addresses that several share. */
function logOf({ shape, rate, callers, minutes, seed, anonymousEach, perAddress }: LogOptions): LoggedRequest[] {
  const text = { shape, rate, callers: String(callers), for: `${minutes}m`, seed: String(seed), requests: REQUESTS };
  const spec = parseTraffic({ ...text, headers: ["x-api-key: {caller}"] });
  return [...syntheticTraffic(spec)].map((request) => {
    const caller = Number(request.headers["x-api-key"]);
    const isAnonymous = anonymousEach > 0 && caller % anonymousEach === 0;
    const address = Math.floor(caller / perAddress);
    return {
      ...request,
      ip: `192.0.${address >> 8}.${address & 255}`,
      headers: isAnonymous ? {} : request.headers,
    };
  });
}

const anyLog: fc.Arbitrary<LogOptions> = fc.record({
  shape: fc.constantFrom(...TRAFFIC_SHAPES),
  rate: fc.constantFrom("1/s", "5/s", "20/s"),
  callers: fc.constantFrom(1, 7, 60, 400),
  minutes: fc.constantFrom(1, 4, 20),
  seed: fc.nat(1_000_000),
  anonymousEach: fc.constantFrom(0, 1, 3),
  perAddress: fc.constantFrom(1, 4),
});

async function suggestFor(log: readonly LoggedRequest[], share: number, headroom: number): Promise<Suggestion> {
  return suggest(async () => readingOf(log), { share, headroom });
}

function policyOf(text: string): Policy {
  const { policy, problems } = loadPolicy(text);
  if (!policy) throw new Error(JSON.stringify(problems));
  return policy;
}

async function rehearsalOf(text: string, log: readonly LoggedRequest[]): Promise<Rehearsal> {
  const [rehearsal] = await rehearse([policyOf(text)], readingOf(log));
  return rehearsal as Rehearsal;
}

describe("the policy that is suggested", () => {
  test("refuses no more of the log's callers than were asked for", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyLog,
        fc.constantFrom(0, 0.001, 0.01, 0.1),
        fc.constantFrom(0, 0.2),
        async (options, share, headroom) => {
          const log = logOf(options);
          fc.pre(log.length > 0);
          const text = suggestedPolicy(await suggestFor(log, share, headroom), UPSTREAM);
          const { callersRefused, callersSeen } = await rehearsalOf(text, log);
          expect(callersRefused.count).toBeLessThanOrEqual(Math.floor(callersSeen.count * share));
        },
      ),
      { numRuns: 60 },
    );
  }, 240_000);

  test("has neither faults nor lints", async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, async (options) => {
        const log = logOf(options);
        fc.pre(log.length > 0);
        const text = suggestedPolicy(await suggestFor(log, 0.01, 0.2), UPSTREAM);
        expect(loadPolicy(text).problems).toEqual([]);
      }),
      { numRuns: 40 },
    );
  }, 240_000);

  test("could not have smaller quotas, without headroom: one less would refuse somebody", async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, async (options) => {
        const log = logOf(options);
        fc.pre(log.length > 0);
        const suggestion = await suggestFor(log, 0, 0);
        const own = suggestion.crowds.filter(({ crowd }) => !crowd.isCeiling).flatMap(({ limits }) => limits);
        for (const limit of own.filter(({ quota }) => quota > 1 && quota < 100)) {
          const crowds = suggestion.crowds.map((crowd) => ({
            ...crowd,
            limits: crowd.limits.map((other) => (other === limit ? { ...limit, quota: limit.quota - 1 } : other)),
          }));
          const { callersRefused } = await rehearsalOf(suggestedPolicy({ ...suggestion, crowds }, UPSTREAM), log);
          expect(callersRefused.count).toBeGreaterThan(0);
        }
      }),
      { numRuns: 20 },
    );
  }, 240_000);

  test("has one abuser of a thousand aside, and holds it to what others ask for", async () => {
    const spec = parseTraffic({ shape: "abuser", rate: "20/s", callers: "1000", for: "1h" });
    const log = [...syntheticTraffic(spec)];
    const text = suggestedPolicy(await suggestFor(log, 0.001, 0.2), UPSTREAM);
    expect(text).toContain("# Of 1,000 API keys, 1 was set aside.");
    const { callersRefused, callers, admitted, requests } = await rehearsalOf(text, log);
    expect(callersRefused.count).toBe(1);
    const [abuser] = callers;
    expect(abuser?.refused).toBeGreaterThan(0.5 * (abuser?.requests as number));
    expect(requests - admitted).toBe(abuser?.refused);
  });

  test("says why its limits are what they are", async () => {
    const options = {
      shape: "bursty",
      rate: "20/s",
      callers: 100,
      minutes: 20,
      seed: 3,
      anonymousEach: 3,
      perAddress: 1,
    };
    const text = suggestedPolicy(await suggestFor(logOf(options), 0.05, 0.2), "https://api.example.com");
    expect(text).toMatch(/^# Suggested by Headgate from [\d,]+ requests, 2026-01-05 00:00:/);
    expect(text).toContain("# At most 5% of these callers would have been refused.");
    expect(text).toMatch(
      /^# Of \d+ API keys, \d were set aside\.\n# Of \d+ addresses without a key, 1 was set aside\.\n/m,
    );
    expect(text).toContain('upstream: "https://api.example.com"\n\ncallers:\n  api-key: { header: x-api-key }\n');
    expect(text).toMatch(
      / {2}# None of the other API keys asked for more than \d+ in \d+[smh].*\n {2}- name: per-key-/,
    );
    expect(text).toMatch(/\n {2}- name: anonymous-\w+\n {4}match: { authenticated: false }\n {4}per: \[ip\]\n/);
    expect(text).toContain("# Whoever makes up keys has an address still.");
  });

  test("says where a quota is for a single caller, too few to set one aside", async () => {
    const spec = parseTraffic({ shape: "abuser", rate: "20/s", callers: "100", for: "1h" });
    const text = suggestedPolicy(await suggestFor([...syntheticTraffic(spec)], 0.001, 0.2), UPSTREAM);
    expect(text).toContain("# Of 100 API keys, none was set aside: 0.1% of them is less than one.\n");
    expect(text).toMatch(
      / {2}# Without a single one of them it would be \d+: a greater --share sets such callers aside\.\n/,
    );
  });

  test("leaves out what a gate answers with 400, and says so", async () => {
    const spec = parseTraffic({ shape: "steady", rate: "1/s", callers: "10", for: "1m" });
    const log = [...syntheticTraffic(spec)];
    const odd = log.map((request, i) => (i === 30 ? { ...request, target: "/%2e%2e/etc/passwd" } : request));
    const text = suggestedPolicy(await suggestFor(odd, 0, 0.2), UPSTREAM);
    expect(text).toContain("# 1 request more is left out: a gate answers 400 to such, whatever the limits.\n");
    expect((await rehearsalOf(text, odd)).reasons).toMatchObject({ limited: 0, unreadable: 1 });
  });

  test("has limits of their own for endpoints of which less is asked", async () => {
    const options = {
      shape: "poisson",
      rate: "20/s",
      callers: 20,
      minutes: 20,
      seed: 3,
      anonymousEach: 0,
      perAddress: 1,
    };
    const text = suggestedPolicy(await suggestFor(logOf(options), 0, 0.2), UPSTREAM);
    expect(text).toMatch(/^endpoints:\n( {2}.*\n)* {2}users: \["\/v1\/users\/{id}"\]\n/m);
    expect(text).toMatch(/ {2}- name: per-key-token-\w+\n {4}match: { endpoint: token }\n {4}per: \[api-key\]\n/);
    expect(text).not.toContain("per-key-events");
  });

  test("has no limits for what callers of a kind never ask for", async () => {
    const options = {
      shape: "poisson",
      rate: "5/s",
      callers: 20,
      minutes: 20,
      seed: 3,
      anonymousEach: 3,
      perAddress: 1,
    };
    const isOfKey = ({ headers, target }: LoggedRequest): boolean => "x-api-key" in headers || target !== "/v1/token";
    const text = suggestedPolicy(await suggestFor(logOf(options).filter(isOfKey), 0, 0.2), UPSTREAM);
    expect(text).toContain("- name: per-key-token-");
    expect(text).toContain("- name: anonymous-users-");
    expect(text).not.toContain("anonymous-token");
  });

  test("is data too, that JSON can hold", async () => {
    const options = {
      shape: "poisson",
      rate: "5/s",
      callers: 20,
      minutes: 4,
      seed: 3,
      anonymousEach: 0,
      perAddress: 1,
    };
    const json = suggestionJson(await suggestFor(logOf(options), 0, 0.2), "headgate: 1\n");
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(json).toMatchObject({ share: 0, headroom: 0.2, policy: "headgate: 1\n" });
    expect(json.callers[0]).toEqual({
      counted_by: "api-key",
      name: "per-key",
      count: 20,
      is_estimate: false,
      set_aside: 0,
    });
  });
});

describe("a log", () => {
  const [request] = logOf({
    shape: "steady",
    rate: "1/s",
    callers: 1,
    minutes: 1,
    seed: 1,
    anonymousEach: 1,
    perAddress: 1,
  });
  const one = request as LoggedRequest;

  test("with nothing in it is nothing to suggest from, and what is wrong with it is said", async () => {
    const example = { file: "a.log", line: 0, why: "it holds no request" };
    const log = {
      files: ["a.log"],
      bytes: 0,
      lines: 0,
      faults: [{ kind: "empty", count: 1, examples: [example] }],
    } as const;
    await expect(suggest(async () => readingOf([], log), { share: 0, headroom: 0 })).rejects.toMatchObject({
      code: "HG_SUGGEST_NOTHING",
      message: "no request could be read: a.log it holds no request",
    });
  });

  test("that does not say who called is nothing to suggest from", async () => {
    await expect(suggestFor([{ ...one, ip: undefined }], 0, 0)).rejects.toMatchObject({ code: "HG_SUGGEST_NOTHING" });
  });

  test("of one request is enough", async () => {
    const text = suggestedPolicy(await suggestFor([one], 0.001, 0.2), UPSTREAM);
    expect(text).toMatch(/ {2}- name: per-address-1s\n {4}per: \[ip\]\n {4}quota: 2\n {4}window: 1s\n/);
  });

  test("has nothing of its own in the policy but names that many asked for", async () => {
    const secret = { ...one, target: "/reset/sEcReT-token", headers: { authorization: "Bearer sEcReT-key" } };
    const text = suggestedPolicy(await suggestFor([secret, ...Array(99).fill(one)], 0, 0), UPSTREAM);
    expect(text).not.toContain("sEcReT");
  });
});
