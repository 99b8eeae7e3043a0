import { readFileSync } from "node:fs";
import { loadPolicy, type Policy } from "@headgate/policy";
import { describe, expect, test } from "vitest";

function load(text: string): Policy {
  const { policy, problems } = loadPolicy(text);
  expect(problems).toEqual([]);
  return policy as Policy;
}

function managed(callers: string, limits = "[]", more = ""): Policy {
  const text = `headgate: 1\nupstream: http://127.0.0.1:1\ncredentials: managed\ncallers: ${callers}\n${more}\nlimits: ${limits}`;
  return load(text);
}

/** The callers that a request with this bearer token names. */
function read(policy: Policy, bearer: string): Readonly<Record<string, string>> | undefined {
  const headers = { authorization: `Bearer ${bearer}` };
  return policy.callers.read({ headers, query: "", peerAddress: "192.0.2.1" });
}

describe("a policy with managed credentials", () => {
  const policy = load(readFileSync(new URL("fixtures/good/managed.yaml", import.meta.url), "utf8"));

  test("names its plans, wherever they are spoken of", () => {
    expect(policy.plans).toEqual(["pro", "free", "enterprise"]);
  });

  test("says how keys and tokens begin, and where tokens come from", () => {
    expect(policy.issuing).toEqual({
      keyPrefixes: ["ex_test_", "ex_live_"],
      tokenPrefixes: ["ex_wt_"],
      tokenPath: "/oauth/token",
      tokenLifetimeMs: 3_600_000,
    });
  });

  test("says what denials end in", () => {
    expect(policy.suspensionRules).toMatchObject([
      { per: "account", denials: 100, withinMs: 600_000, forMs: 3_600_000, text: "100 denials within 10m" },
      { per: "ip", denials: 1, withinMs: 3_600_000, forMs: undefined },
    ]);
  });

  test("counts the denials of two rules apart", () => {
    const [first, second] = policy.suspensionRules;
    expect(first?.limit.counterId).not.toEqual(second?.limit.counterId);
  });

  test("reads its own prefixes, and those that Headgate gives where no policy says one", () => {
    expect(read(policy, "ex_test_a")).toMatchObject({ "api-key": "ex_test_a" });
    expect(read(policy, "hg_sk_a")).toMatchObject({ "api-key": "hg_sk_a" });
    expect(read(policy, "ex_wt_a")).toMatchObject({ token: "ex_wt_a" });
    expect(read(policy, "hg_at_a")).toMatchObject({ token: "hg_at_a" });
  });

  test("takes a bearer token that begins like nothing it knows for a key, so that it is looked up and refused", () => {
    expect(read(policy, "other_a")).toEqual({ ip: "192.0.2.1", "api-key": "other_a" });
  });
});

test("what begins like nothing it knows is a key, in whichever order the callers are written", () => {
  const policy = managed("{ token: { bearer: ex_at_ }, api-key: { bearer: ex_sk_ } }");
  for (const bearer of ["ex_sk_a", "hg_sk_a", "older_a"])
    expect(read(policy, bearer)).toMatchObject({ "api-key": bearer });
  for (const bearer of ["ex_at_a", "hg_at_a"]) expect(read(policy, bearer)).toEqual({ ip: "192.0.2.1", token: bearer });
});

test("a policy with one place for credentials takes keys and tokens in it", () => {
  const policy = managed("{ token: { bearer: at_ } }");
  expect(policy.issuing).toMatchObject({ keyPrefixes: ["at_"], tokenPrefixes: ["at_"], tokenPath: "/v1/tokens" });
  for (const bearer of ["at_a", "hg_sk_a", "hg_at_a"]) expect(read(policy, bearer)).toMatchObject({ token: bearer });
});

test("where no prefix is asked for, any will do", () => {
  const policy = managed("{ api-key: { header: x-key } }");
  expect(policy.issuing).toMatchObject({ keyPrefixes: [""], tokenPrefixes: [""] });
});

test("tokens live for 24 hours unless the policy says otherwise", () => {
  const callers = "{ api-key: { bearer: true } }";
  expect(managed(callers).issuing.tokenLifetimeMs).toBe(86_400_000);
  expect(managed(callers, "[]", "tokens: { for: 5m }").issuing.tokenLifetimeMs).toBe(300_000);
});

test.each(["/v1//tokens", "/v1/../tokens", "/v1/./tokens", "//tokens", "/v1/..", "/v1/*", "/"])(
  "tokens are not given at %s, which no request's path is",
  (path) => {
    const { problems } = loadPolicy(
      `headgate: 1\nupstream: http://127.0.0.1:1\ncredentials: managed\ncallers: { api-key: { bearer: true } }\ntokens: { path: "${path}" }\nlimits: []`,
    );
    expect(problems).toMatchObject([{ code: "HG_POLICY_URL" }]);
  },
);

test("tokens may be given at any other path", () => {
  for (const path of ["/t", "/v1/tokens/", "/.well-known/token", "/a/..b/c~d-e_f"]) {
    expect(managed("{ api-key: { bearer: true } }", "[]", `tokens: { path: ${path} }`).issuing.tokenPath).toBe(path);
  }
});

test("callers get no tokens where the policy says so", () => {
  expect(managed("{ api-key: { bearer: true } }", "[]", "tokens: false").issuing.tokenPath).toBeUndefined();
});

test("limits may count by account, which the credential tells", () => {
  const policy = managed("{ api-key: { bearer: true } }", "[{ name: a, per: account, quota: 1, window: 1m }]");
  expect(policy.limits[0]?.per).toEqual(["account"]);
});

test("without managed credentials nobody gets tokens", () => {
  const policy = load("headgate: 1\nupstream: http://127.0.0.1:1\nlimits: []");
  expect(policy.issuing.tokenPath).toBeUndefined();
});
