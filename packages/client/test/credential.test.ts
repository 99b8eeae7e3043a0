import fc from "fast-check";
import { expect, test } from "vitest";
import { credentialIn, fingerprintOf } from "../src/credential.ts";
import { Destinations } from "../src/destination.ts";
import { Gates } from "../src/pacing/gates.ts";
import { virtualClock } from "../src/testing/index.ts";

test.each([
  [undefined, ""],
  [{ accept: "*/*" }, ""],
  [{ Authorization: "Bearer a" }, "Bearer a"],
  [[["X-API-Key", "a"]] as [string, string][], "a"],
  [new Headers({ authorization: "Bearer a" }), "Bearer a"],
  [new Headers({ accept: "*/*", "x-goog-api-key": "a" }), "a"],
  [{ "X-IS-AccessKey": "a" }, "a"],
  [{ "Ocp-Apim-Subscription-Key": "a" }, "a"],
  [{ "PRIVATE-TOKEN": "a" }, "a"],
  [{ "Idempotency-Key": "a", "x-csrf-token": "b", "x-request-id": "c" }, ""],
  [
    { authorization: "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b" },
    "AWS4-HMAC-SHA256 Credential=a",
  ],
])("the credential in %j is %j", (headers, credential) => {
  expect(credentialIn(headers)).toBe(credential);
});

test("the credential is the same in whatever form, order and case headers are given", () => {
  const name = fc.constantFrom("Authorization", "X-API-Key", "api-key", "Access-Token", "accept", "x-goog-api-key");
  const value = fc.string({ minLength: 1, unit: fc.constantFrom(..."ab, =") });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([each]) => each }), (list) => {
      const headers = new Headers(list);
      const expected = credentialIn(headers);
      const lower = list.map(([each, text]): [string, string] => [each.toLowerCase(), text]);
      const forms = [list, lower, Object.fromEntries(list), Object.fromEntries(lower.toReversed()), new Map(list)];
      for (const form of forms) expect(credentialIn(form as RequestInit["headers"])).toBe(expected);
      const authorization = headers.get("authorization");
      if (authorization !== null) expect(expected).toBe(authorization.split(",")[0]?.trim());
    }),
  );
});

test("fingerprints tell credentials apart, and say nothing of them", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8 }), fc.string({ minLength: 8 }), (one, other) => {
      expect(fingerprintOf(one) === fingerprintOf(other)).toBe(one === other);
      expect(fingerprintOf(one)).not.toContain(one);
    }),
  );
  const near = new Set(Array.from({ length: 100_000 }, (_, i) => fingerprintOf(`ex_sk_${i}`)));
  expect(near.size).toBe(100_000);
});

function destinations(credentialOf?: (request: Request) => string) {
  const gates = new Gates({ pace: "smooth", concurrency: 1, clock: virtualClock() });
  return { gates, places: new Destinations(gates, undefined, credentialOf) };
}

const keyed = (key: string) => ({ headers: { "x-api-key": key } });

test("calls to one API with one credential go to the same place, however they are written", () => {
  const { places } = destinations();
  const place = places.of("https://api.example.com/a", keyed("k"));
  expect(places.of(new URL("https://api.example.com/b?c"), keyed("k"))).toBe(place);
  expect(places.of(new Request("https://api.example.com/b", keyed("k")), undefined)).toBe(place);
  expect(places.of(new Request("https://api.example.com/b"), keyed("k"))).toBe(place);
  expect(places.of("HTTPS://API.example.com:443", keyed("k")).gate).toBe(place.gate);
});

test("each API, and each credential, has a gate of its own; an API has one budget", () => {
  const { places, gates } = destinations();
  const calls = [
    places.of("https://api.example.com/", keyed("k")),
    places.of("https://api.example.com/", keyed("l")),
    places.of("https://api.example.com/", undefined),
    places.of("https://api.example.com.evil.example/", keyed("k")),
    places.of("https://api.example.com:8443/", keyed("k")),
    places.of("http://api.example.com/", keyed("k")),
  ];
  expect(new Set(calls.map(({ gate }) => gate)).size).toBe(6);
  expect(new Set(calls.map(({ budget }) => budget)).size).toBe(4);
  expect([...gates.limits().keys()][2]).toBe("https://api.example.com");
});

test("the credential can be told, from a request that has no body", () => {
  const { places } = destinations((request) => new URL(request.url).searchParams.get("accessKey") ?? "");
  const call = (key: string) =>
    places.of(`https://api.example.com/?accessKey=${key}`, { method: "POST", body: new ReadableStream() });
  expect(call("a").gate).toBe(call("a").gate);
  expect(call("a").gate).not.toBe(call("b").gate);
});

test("what is no URL is refused as fetch refuses it", () => {
  expect(() => destinations().places.of("/relative", undefined)).toThrow(TypeError);
});
