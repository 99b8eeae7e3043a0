import { expect, test } from "vitest";
import { loadPolicy } from "../src/load-policy.ts";

function exampleOf(text: string): unknown {
  return loadPolicy(`headgate: 1\n${text}`).policy?.example;
}

test("the example has the path and the credential that the first limit asks for", () => {
  const limit = "per: [token], quota: 1, window: 1m";
  expect(
    exampleOf(`callers: { api-key: { bearer: true }, token: { bearer: [lp_wt_, lp_x_] } }
limits: [{ name: cap, max-body: 1KB }, { name: a, match: { path: "/v1/widget/**" }, ${limit} }]`),
  ).toEqual({ path: "/v1/widget/", headers: ["Authorization: Bearer lp_wt_a"] });
  expect(
    exampleOf(`callers: { api-key: { bearer: true }, token: { header: x-token } }
endpoints: { one: ["POST /a/{id}/*/c"] }
limits: [{ name: a, match: { endpoint: one }, ${limit} }]`),
  ).toEqual({ path: "/a/1/1/c", headers: ["x-token: a"] });
});

test("a policy that asks for nothing is tried at the root", () => {
  expect(exampleOf("limits: [{ name: a, per: [ip], quota: 1, window: 1m }]")).toEqual({ path: "/", headers: [] });
  expect(exampleOf("limits: []")).toEqual({ path: "/", headers: [] });
});
