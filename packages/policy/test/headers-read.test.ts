import { loadPolicy, type Policy } from "@headgate/policy";
import { expect, test } from "vitest";

function headersRead(text: string): string[] {
  const { policy } = loadPolicy(`headgate: 1\n${text}`);
  return [...(policy as Policy).headersRead].toSorted();
}

test("a policy tells which headers it reads", () => {
  expect(headersRead("limits: []")).toEqual([]);
  expect(
    headersRead(`
callers:
  api-key: { bearer: ex_, header: X-Key }
  tenant: { cookie: tenant }
  ip: { trusted-proxies: [10.0.0.0/8] }
limits:
  - { name: a, per: ip, quota: 1, window: 1m, match: { headers: { X-A: "1" }, not: { headers: { X-B: true } } } }
  - { name: b, max-body: 1KB, match: { headers: { X-C: "1" } } }`),
  ).toEqual(["authorization", "cookie", "x-a", "x-b", "x-c", "x-forwarded-for", "x-key"]);
});

test("under managed credentials it reads bearer tokens, whatever it says of callers", () => {
  expect(headersRead("credentials: managed\ncallers: { api-key: { header: x-key } }\nlimits: []")).toContain(
    "authorization",
  );
});
