import { MemoryStore, retryAfterSeconds, toDecision } from "@headgate/core";
import { DEFAULT_TRANSPORT_LIMITS } from "@headgate/gateway";
import {
  type DEFAULT_REDIS,
  loadPolicy,
  normalisePath,
  type Policy,
  type PolicyLimit,
  policyJsonSchema,
  renderRefusal,
} from "@headgate/policy";
import { describe, expect, test } from "vitest";
import { MAX_HELD_MS, MAX_TAGGED_BYTES } from "../../packages/gateway/src/conditional.ts";
import { type Fence, Page } from "./page.ts";

const policyPage = new Page("docs/reference/policy.md");
const httpPage = new Page("docs/reference/http.md");

/** The text as a policy. Fails where it is not one. */
function policyOf(text: string): Policy {
  const { policy, problems } = loadPolicy(text);
  if (!policy) throw new Error(`not a policy: ${JSON.stringify(problems)}`);
  return policy;
}

/** The only limit of a policy that says of it what the text says. */
function limitOf(fields: string): PolicyLimit {
  const [limit] = policyOf(`headgate: 1\nlimits:\n- name: example\n  per: []\n${fields.replace(/^/gm, "  ")}`).limits;
  return limit as PolicyLimit;
}

describe("policies in the documentation", () => {
  const policies = [policyPage, new Page("README.md")].flatMap(({ path, fences }) =>
    fences
      .filter(({ language, text }) => language === "yaml" && /^(#.*\n)*headgate:/.test(text))
      .map(({ text }) => ({ path, text })),
  );

  test("are found", () => {
    expect(new Set(policies.map(({ path }) => path)).size).toBe(2);
  });

  test.each(policies)("$path: a policy has neither faults nor lints ($#)", ({ text }) => {
    expect(loadPolicy(text).problems).toEqual([]);
  });
});

describe("policy.md", () => {
  test("explains every field of the format", () => {
    // The table of defaults lists a limit's fields as `limits[].field`: that explains nothing.
    const spans = policyPage.codeSpans.filter((code) => !code.startsWith("limits[]."));
    const named = new Set(spans.flatMap((code) => code.split(/[.:{}, ]+/)));
    expect(fieldsOf(policyJsonSchema()).filter((field) => !named.has(field))).toEqual([]);
  });

  test("lists the defaults that a policy is compiled with", () => {
    expect(Object.fromEntries(policyPage.tableUnder("Defaults"))).toEqual(compiledDefaults());
  });

  const timelines = policyPage.fences.filter(({ rows }) => rows.length > 0);

  test("has a timeline for each algorithm", () => {
    const algorithms = new Set(timelines.map(({ text }) => limitOf(text).limit.algorithm));
    expect([...algorithms]).toEqual(["fixed-window", "sliding-window", "token-bucket", "concurrency"]);
  });

  test.each(timelines)("timeline $# is what happens", (timeline) => {
    expect(replayed(timeline)).toEqual(timeline.rows);
  });

  test.each(policyPage.tableUnder("Patterns"))(
    "the pattern %s matches %s and not %s",
    (pattern, matched, unmatched) => {
      const { endpoints } = policyOf(`headgate: 1\nendpoints: { those: "${pattern}" }\nlimits: []`);
      const matches = (path: string): boolean => endpoints.isIn("those", "GET", path);
      expect(pathsIn(matched).map(matches)).not.toContain(false);
      expect(pathsIn(unmatched).map(matches)).not.toContain(true);
    },
  );
});

describe("http.md", () => {
  test("lists the limits on the transport as they are", () => {
    const listed = httpPage.tableUnder("Limits on the transport").map(([name, , value]) => [name, value]);
    const inCode = Object.entries(DEFAULT_TRANSPORT_LIMITS).map(([name, value]) => [name, inWords(name, value)]);
    expect(listed).toEqual(inCode);
  });

  test("says how large and how slow a body may be that gets an ETag", () => {
    expect({ bytes: MAX_TAGGED_BYTES, ms: MAX_HELD_MS }).toEqual({ bytes: 256 * 1024, ms: 100 });
    expect(httpPage.textUnder("ETags")).toMatch(/at most 256 KB, is complete within 100 ms/);
  });

  test.each(httpPage.tableUnder("Paths"))("the path %s becomes %s", (written, becomes) => {
    expect(normalisePath(written as string) ?? "400").toBe(becomes);
  });
});

/** Every field's name that a JSON Schema has, at whatever depth. */
function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([keyword, value]) =>
    keyword === "properties"
      ? Object.entries(value as object).flatMap(([name, field]) => [name, ...fieldsOf(field)])
      : fieldsOf(value),
  );
}

const MANAGED = "headgate: 1\ncredentials: managed\ncallers: { api-key: { bearer: true } }\nlimits: []";

/** What a policy that says nothing is compiled to, as the table of defaults writes it. */
function compiledDefaults(): Record<string, string> {
  const policy = policyOf("headgate: 1\nlimits: []");
  const { callers, events, responses } = policy;
  const { issuing: managed } = policyOf(MANAGED);
  const redis = policyOf("headgate: 1\nlimits: []\nstore: { redis: {} }").store as typeof DEFAULT_REDIS;
  const rate = limitOf("quota: 7\nwindow: 1m");
  const bucket = limitOf("quota: 7\nwindow: 1m\nalgorithm: token-bucket");
  const place = limitOf("quota: 7\nalgorithm: concurrency");
  const daily = limitOf("quota: 7\nwindow: day");
  const network = callers.read({ headers: {}, query: "", peerAddress: "2001:db8::1" })?.ip?.split("/")[1];
  const anyone = { method: "ANY", path: "/", headers: {}, callers: {}, authenticated: false };
  return {
    title: policy.title,
    "events.max-batch": String(events.maxBatch),
    "events.retention": events.retention.defaultMs === undefined ? "forever" : `${events.retention.defaultMs} ms`,
    "events.webhooks.networks": events.webhookNetworks.length === 0 ? "none" : "some",
    "events.public-url": events.publicUrl?.href ?? "none",
    "callers.ip.trusted-proxies": callers.trusts("127.0.0.1") || callers.trusts("10.0.0.1") ? "some" : "none",
    "callers.ip.ipv6-prefix": String(network),
    credentials: policy.credentials,
    "tokens.path": String(managed.tokenPath),
    "tokens.for": `${managed.tokenLifetimeMs / 3_600_000}h`,
    "limits[].match": rate.matches(anyone) ? "every request" : "some",
    "limits[].algorithm": rate.limit.algorithm,
    "limits[].align": rate.limit.align,
    "limits[].timezone": String(daily.limit.calendar?.timezone),
    "limits[].burst": bucket.limit.capacity === bucket.limit.quota ? "the quota" : String(bucket.limit.capacity),
    "limits[].hold": `${place.limit.windowMs / 60_000}m`,
    "limits[].cost": rate.cost.kind === "units" ? String(rate.cost.units) : rate.cost.kind,
    "limits[].count-rejected": String(rate.limit.countRejected),
    "limits[].mode": rate.limit.isShadow ? "shadow" : "enforce",
    "limits[].on-store-error": rate.onStoreError,
    "responses.headers.style": responses.headers.style,
    "responses.headers.reset": responses.headers.reset,
    "responses.headers.upstream": responses.upstreamHeaders,
    "responses.retry-after": String(responses.retryAfter),
    "responses.limited.status": String(statusOfLimited()),
    "responses.too-large.status": String(renderRefusal(policy, "too-large").status),
    "responses.unauthenticated.status": String(renderRefusal(policy, "unauthenticated").status),
    "responses.suspended.status": String(renderRefusal(policy, "suspended").status),
    conditional: String(policy.isConditional),
    "store.memory.max-partitions": String(policy.maxPartitions),
    "store.redis.mode": redis.mode,
    "store.redis.budget": `${redis.budgetMs}ms`,
    "store.redis.prefix": redis.prefix,
    "docs.base-url": policy.docs.baseUrl,
  };
}

/** What a caller over its limit is answered by default. */
function statusOfLimited(): number {
  const policy = policyOf("headgate: 1\nlimits: [{ name: one, per: [], quota: 1, window: 1m }]");
  const [{ limit }] = policy.limits as readonly [PolicyLimit];
  const store = new MemoryStore({ maxPartitions: 1, maxHolders: 1 });
  const claims = [{ limit, partition: "", cost: 1 }];
  store.consume(claims, 0);
  return renderRefusal(policy, "limited", { decision: toDecision(store.consume(claims, 0)), now: 0 }).status;
}

/** A timeline's rows as they come out when one caller asks what they say it asks, when they say. */
function replayed({ text, rows }: Fence): string[][] {
  const { limit } = limitOf(text);
  const store = new MemoryStore({ maxPartitions: 1, maxHolders: 10 });
  return rows.map(([at = "", asks = ""]) => {
    const now = Number.parseInt(at, 10) * 1000;
    const verdicts = store.consume([{ limit, partition: "caller", cost: Number(asks) }], now);
    const decision = toDecision(verdicts);
    const answer = decision.allowed ? "admitted" : "refused";
    return [at, asks, answer, String(verdicts[0]?.remaining), String(retryAfterSeconds(decision) ?? "")];
  });
}

function pathsIn(cell = ""): string[] {
  return cell.replaceAll("`", "").split(", ");
}

/** A transport limit as the table writes it: its name tells its unit. */
function inWords(name: string, value: number | undefined): string {
  if (value === undefined) return "unlimited";
  if (name.endsWith("Ms")) return `${value / 1000} s`;
  if (!name.includes("Bytes")) return String(value);
  return value % 1024 ** 2 === 0 ? `${value / 1024 ** 2} MB` : `${value / 1024} KB`;
}
