import { describe, expect, test } from "vitest";
import { compileCallers, type RawRequest } from "../src/callers.ts";
import type { CallersSection } from "../src/schema/callers.ts";

function readAll(section: CallersSection, request: Partial<RawRequest>): Readonly<Record<string, string>> | undefined {
  const reader = compileCallers({ callers: section }, "policy.yaml");
  return reader.read({ headers: {}, query: "", peerAddress: "192.0.2.1", ...request });
}

/** The callers but for `ip`. */
function read(section: CallersSection, request: Partial<RawRequest>): Readonly<Record<string, string>> {
  const { ip: _, ...others } = readAll(section, request) ?? {};
  return others;
}

const bearer = (authorization: string) => ({ headers: { authorization } });

describe("a bearer token", () => {
  test.each([
    ["Bearer ex_sk_1", "ex_sk_1"],
    ["bearer ex_sk_1", "ex_sk_1"],
    ["BEARER   ex_sk_1 ", "ex_sk_1"],
    ["Bearer other", undefined],
    ["Basic ex_sk_1", undefined],
    ["Bearerex_sk_1", undefined],
    ["Bearer ", undefined],
  ])("in %j counts as %s where it must begin with ex_sk_", (authorization, value) => {
    expect(read({ "api-key": { bearer: "ex_sk_" } }, bearer(authorization))["api-key"]).toBe(value);
  });

  test.each(["Bearer ex_sk_1 2", "Bearer\tex_sk_1", "Bearer ex_sk_1\t", "Bearer  ex_sk_1, x"])(
    "with white space that servers read differently is nobody: %j",
    (authorization) => {
      expect(readAll({ "api-key": { bearer: "ex_sk_" } }, bearer(authorization))).toBeUndefined();
    },
  );

  test("may have any of several prefixes, or none", () => {
    expect(read({ token: { bearer: ["a_", "b_"] } }, bearer("Bearer b_1"))).toEqual({ token: "b_1" });
    expect(read({ token: { bearer: true } }, bearer("Bearer x"))).toEqual({ token: "x" });
  });
});

describe("a caller", () => {
  const tenant = { tenant: { header: "X-Tenant", query: "tenant", cookie: "tenant" } };

  test("is read from whichever source has a value", () => {
    const cookies = { cookie: "tenant=c" };
    expect(read(tenant, { headers: { "x-tenant": "h" } })).toEqual({ tenant: "h" });
    expect(read(tenant, { headers: { "x-tenant": "" }, query: "tenant=q" })).toEqual({ tenant: "q" });
    expect(read(tenant, { headers: cookies })).toEqual({ tenant: "c" });
    expect(read(tenant, { headers: { "x-tenant": "c", ...cookies }, query: "tenant=c&tenant=c" })).toEqual({
      tenant: "c",
    });
    expect(read(tenant, {})).toEqual({});
  });

  test.each([
    ["in a header and the query", { headers: { "x-tenant": "h" }, query: "tenant=q" }],
    ["in the query twice", { query: "tenant=a&tenant=b" }],
    ["in two cookies", { headers: { cookie: "tenant=a; tenant=b" } }],
    ["in a cookie and the query", { headers: { cookie: "tenant=a" }, query: "tenant=b" }],
  ])("that is named %s with values that differ is nobody: the upstream could take the other", (_, request) => {
    expect(readAll(tenant, request)).toBeUndefined();
  });

  test.each([
    ["tenant=a%20b&other=c", "a b"],
    ["x=1&t%65nant=a+b", "a b"],
    ["TENANT=a", undefined],
    ["xtenant=a", undefined],
    ["tenant=%ff", "\ufffd"],
  ])("in the query %j is %s", (query, value) => {
    expect(read(tenant, { query }).tenant).toBe(value);
  });

  test.each([
    ["a=1; tenant=x; b=y", "x"],
    ['tenant="x y"', "x y"],
    ["tenant=a%3Db", "a=b"],
    ["tenant=%zz", "%zz"],
    ["mytenant=x", undefined],
    ["tenant", undefined],
  ])("in the cookies %j is %s", (cookie, value) => {
    expect(read(tenant, { headers: { cookie } }).tenant).toBe(value);
  });

  test("is ignored, not cut, where the value is oversized", () => {
    expect(read(tenant, { headers: { "x-tenant": "x".repeat(4097) } })).toEqual({});
    expect(read(tenant, { headers: { "x-tenant": "x".repeat(4096) } }).tenant).toHaveLength(4096);
  });

  test("is a verified claim only where there is one of its own", () => {
    const section = { account: { "jwt-claim": "sub", jwks: "keys.json" }, shape: { "jwt-claim": "toString" } };
    expect(read(section, { jwtClaims: { sub: "acme" } })).toEqual({ account: "acme" });
    expect(read(section, { jwtClaims: { sub: { a: 1 } } })).toEqual({});
    expect(readAll(section, bearer("Bearer token junk"))).toBeUndefined();
    expect(read(section, {})).toEqual({});
  });
});

test("the credential is the api-key, else the token, else the account, and never another caller", () => {
  const callers = compileCallers({}, "policy.yaml");
  expect(callers.credentialOf({ ip: "1", tenant: "t", token: "k", "api-key": "a" })).toBe("a");
  expect(callers.credentialOf({ ip: "1", account: "c", token: "k" })).toBe("k");
  expect(callers.credentialOf({ ip: "1", tenant: "t" })).toBeUndefined();
});

test("the address is always there, through the proxies that are trusted", () => {
  const callers = compileCallers({ callers: { ip: { "trusted-proxies": ["10.0.0.0/8"] } } }, "policy.yaml");
  const headers = { "x-forwarded-for": "198.51.100.7" };
  expect(callers.read({ headers, query: "", peerAddress: "10.0.0.1" })).toEqual({ ip: "198.51.100.7" });
  expect(callers.read({ headers, query: "", peerAddress: "192.0.2.1" })).toEqual({ ip: "192.0.2.1" });
  expect(callers.trusts("10.0.0.1")).toBe(true);
});
