import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TokenFault } from "../src/token-fault.ts";
import { parseTokenRequest, type TokenRequest } from "../src/token-request.ts";

const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "Application/X-WWW-Form-URLEncoded; charset=utf-8" };

function parse(headers: Record<string, string>, body: string): TokenRequest | TokenFault {
  return parseTokenRequest(headers, Buffer.from(body));
}

function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
}

describe("JSON", () => {
  test("asks for a kind, a time and scopes, or for nothing in particular", () => {
    const unbound = { actor: undefined, target: undefined };
    const nothing = { client: undefined, kind: "access", ...unbound, lifetimeMs: undefined, scopes: undefined };
    expect(parse({}, "")).toEqual(nothing);
    expect(parse(JSON_TYPE, "{}")).toEqual(nothing);
    const body = '{"for":"90s","widget":true,"scopes":["read"]}';
    expect(parse(JSON_TYPE, body)).toEqual({ ...nothing, kind: "widget", lifetimeMs: 90_000, scopes: ["read"] });
  });

  test("names the actor or the target that a widget shows", () => {
    expect(parse(JSON_TYPE, '{"widget":true,"actor":"user_1"}')).toMatchObject({ kind: "widget", actor: "user_1" });
    expect(parse(JSON_TYPE, '{"widget":true,"target":"doc_9"}')).toMatchObject({ kind: "widget", target: "doc_9" });
  });

  test.each([
    ["no JSON", 400],
    ["[]", 400],
    ["null", 400],
    ['"24h"', 400],
    ['{"for":24}', 422],
    ['{"for":"forever"}', 422],
    ['{"for":null}', 422],
    ['{"widget":"yes"}', 422],
    ['{"widget":true,"actor":1}', 422],
    ['{"widget":true,"actor":null}', 422],
    ['{"widget":true,"target":["doc_9"]}', 422],
    ['{"scopes":"read"}', 422],
    ['{"scopes":[1]}', 422],
    ['{"expires_in":60}', 422],
    ['{"__proto__":{"widget":true}}', 422],
    ['{"constructor":1}', 422],
  ])("%s is none", (body, status) => {
    expect(parse(JSON_TYPE, body)).toMatchObject({ error: "invalid_request", status });
  });

  test("is UTF-8", () => {
    const body = Buffer.from('{"for":"\xff"}', "latin1");
    expect(parseTokenRequest(JSON_TYPE, body)).toMatchObject({ error: "invalid_request", status: 400 });
  });

  test.each([{}, { "content-type": "text/plain" }, { ...JSON_TYPE, "content-encoding": "gzip" }])(
    "is not what comes with %j",
    (headers) => {
      expect(parse(headers, "{}")).toMatchObject({ error: "invalid_request", status: 415 });
    },
  );
});

describe("OAuth's form", () => {
  test.each([
    ["", "invalid_request"],
    ["grant_type=", "invalid_request"],
    ["grant_type=password", "unsupported_grant_type"],
    ["grant_type=client_credentials&grant_type=client_credentials", "invalid_request"],
    ["grant_type=client_credentials&x=1&x=2", "invalid_request"],
    ["grant_type=client_credentials&client_secret=x", "invalid_request"],
  ])("%j is %s", (form, error) => {
    expect(parse(FORM_TYPE, form)).toMatchObject({ error, status: 400 });
  });

  test("names scopes with blanks between them; a field without a value is not there", () => {
    const form = "grant_type=client_credentials&client_id=key_1&client_secret=s&scope=read+write";
    expect(parse(FORM_TYPE, form)).toMatchObject({
      client: { id: "key_1", secret: "s" },
      scopes: ["read", "write"],
    });
    expect(parse(FORM_TYPE, `${form}&actor=user_1`)).toMatchObject({ kind: "access", actor: undefined });
    const empty = parse(FORM_TYPE, "grant_type=client_credentials&client_id=&client_secret=&scope=");
    expect(empty).toMatchObject({ client: undefined, scopes: undefined });
  });
});

describe("HTTP Basic", () => {
  test("names the key, in both kinds of request", () => {
    const client = { id: "key_1", secret: "a b&c" };
    const authorization = basic("key%5F1", "a+b%26c");
    expect(parse({ authorization }, "")).toMatchObject({ client });
    expect(parse({ ...FORM_TYPE, authorization }, "grant_type=client_credentials")).toMatchObject({ client });
    expect(parse({ authorization: basic("key_1", "a b&c") }, "")).toMatchObject({ client });
  });

  test.each(["Basic", "Basic %%%", basic("", "secret"), basic("id", ""), "basic a2V5"])(
    "%s names none",
    (authorization) => {
      expect(parse({ authorization }, "")).toMatchObject({ error: "invalid_client", status: 401 });
    },
  );
});

test("whatever is said to it, the parser says what it is or what is wrong with it", () => {
  const mediaTypes = ["application/json", "application/x-www-form-urlencoded; charset=utf-8", "text/plain", undefined];
  const bodies = fc.oneof(fc.json(), fc.string(), fc.webQueryParameters(), fc.string({ unit: "binary" }));
  const authorizations = fc.option(
    fc.oneof(
      fc.string(),
      fc.string().map((text) => `Basic ${text}`),
      fc.tuple(fc.string(), fc.string()).map(([id, secret]) => basic(id, secret)),
    ),
    { nil: undefined },
  );
  fc.assert(
    fc.property(fc.constantFrom(...mediaTypes), bodies, authorizations, (mediaType, body, authorization) => {
      const parsed = parseTokenRequest({ "content-type": mediaType, authorization }, Buffer.from(body));
      if ("error" in parsed) expect(parsed.detail).not.toBe("");
      else expect(["access", "widget"]).toContain(parsed.kind);
    }),
  );
});
