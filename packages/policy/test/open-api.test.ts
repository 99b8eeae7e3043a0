import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type LoadedPolicy, loadPolicy, type Policy } from "../src/index.ts";

const API = readFileSync(new URL("fixtures/files/api.yaml", import.meta.url), "utf8");

/** Reads a policy whose OpenAPI file holds this text. */
function read(api: string, endpoints: string = "openapi: api.yaml"): LoadedPolicy {
  const text = `headgate: 1\nlimits: []\nendpoints: { ${endpoints} }`;
  return loadPolicy(text, { file: "/etc/headgate/policy.yaml", readFile: () => api });
}

function endpointsOf(api: string, endpoints?: string): Policy["endpoints"] {
  const { policy, problems } = read(api, endpoints);
  if (!policy) throw new Error(JSON.stringify(problems));
  return policy.endpoints;
}

/** What is wrong with a document of these paths. */
function faultOf(paths: string): string | undefined {
  return read(`openapi: 3.1.0\npaths: ${paths}`).problems[0]?.message;
}

describe("endpoints from an OpenAPI file", () => {
  const endpoints = endpointsOf(API);

  test("are groups by tag and by operationId, with the server's base path", () => {
    expect(endpoints.isIn("meters", "GET", "/v1/meters/7")).toBe(true);
    expect(endpoints.isIn("writes", "POST", "/v1/meters/latest")).toBe(true);
    expect(endpoints.isIn("writes", "GET", "/v1/meters/latest")).toBe(false);
    expect(endpoints.isIn("readMeter", "GET", "/v1/meters/7")).toBe(true);
    expect(endpoints.isIn("readMeter", "GET", "/meters/7")).toBe(false);
  });

  test("have HEAD where they have GET, unless it is an operation of its own", () => {
    expect(endpoints.isIn("readMeter", "HEAD", "/v1/meters/7")).toBe(true);
    const apart = endpointsOf("openapi: 3.0.3\npaths: { /a: { get: { operationId: x }, head: { operationId: y } } }");
    expect(apart.isIn("x", "HEAD", "/a")).toBe(false);
    expect(apart.isIn("y", "HEAD", "/a")).toBe(true);
  });

  test("are counted by path template, whatever the method, the more definite template first", () => {
    expect(endpoints.patternOf("GET", "/v1/meters/7")).toBe("/v1/meters/{meter}");
    expect(endpoints.patternOf("DELETE", "/v1/meters/8")).toBe("/v1/meters/{meter}");
    expect(endpoints.patternOf("POST", "/v1/meters/latest")).toBe("/v1/meters/latest");
    expect(endpoints.patternOf("GET", "/v1/elsewhere")).toBe("");
  });

  test("are found behind references within the document, with servers of their own", () => {
    expect(endpoints.patternOf("GET", "/health")).toBe("/health");
    expect(endpoints.patternOf("GET", "/v1/health")).toBe("");
  });

  test("stand back behind those that the policy lists itself", () => {
    const both = endpointsOf(API, 'openapi: api.yaml, meters: "/v1/meters/{id}/readings", all: "/v1/**"');
    expect(both.isIn("meters", "GET", "/v1/meters/7")).toBe(false);
    expect(both.patternOf("GET", "/v1/meters/7")).toBe("/v1/**");
  });

  test("are linted where no request can match them, for paths are compared in their normal form", () => {
    const { policy, problems } = read(
      "openapi: 3.1.0\npaths: { /a//b: { get: {} }, '/x;y': { get: {} }, '/%6{z}': { get: {} } }",
    );
    expect(policy).toBeDefined();
    expect(problems.map(({ code, path, message, hint }) => [code, path, message, hint])).toEqual([
      ["HG_LINT_NEVER_BINDS", "endpoints.openapi", expect.stringContaining('"/a//b"'), "write /a/b"],
      ["HG_LINT_NEVER_BINDS", "endpoints.openapi", expect.stringContaining('"/x;y"'), expect.any(String)],
    ]);
  });

  test("may be written as JSON", () => {
    const json = JSON.stringify({ openapi: "3.1.1", paths: { "/a/{b}": { post: { tags: ["t"] } } } });
    expect(endpointsOf(json).isIn("t", "POST", "/a/1")).toBe(true);
  });
});

test("the file is looked for beside the policy", () => {
  const asked: string[] = [];
  loadPolicy("headgate: 1\nlimits: []\nendpoints: { openapi: ../api.yaml }", {
    file: "/etc/headgate/policy.yaml",
    readFile(path) {
      asked.push(path);
      return API;
    },
  });
  expect(asked).toEqual(["/etc/api.yaml"]);
});

describe("a document that cannot be used", () => {
  test.each([
    { paths: "{ /a: { $ref: other.yaml } }", says: "paths./a refers to other.yaml, which is not read" },
    { paths: "{ /a: { $ref: https://example.com/a.yaml } }", says: "which is not read" },
    { paths: "{ /a: { $ref: '#/components/pathItems/gone' } }", says: "paths./a is not a map" },
    { paths: "{ /a: { $ref: '#/paths/~1a' } }", says: "references that lead in a circle" },
    { paths: "{ a: { get: {} } }", says: '"a" does not begin with a slash' },
    { paths: "{ '/a/{b': { get: {} } }", says: "braces" },
    { paths: "[1]", says: "its paths are not a map" },
    { paths: "{ /a: { get: {} }", says: "line 2" },
  ])("is refused with what is wrong with it: $says", ({ paths, says }) => {
    expect(faultOf(paths)).toContain(`api.yaml: `);
    expect(faultOf(paths)).toContain(says);
  });

  test.each(["", "just text", "[]", "openapi: 4.0.0", "openapi: 3", "swagger: '2.0'"])("is no document: %j", (text) => {
    expect(read(text).problems.map(({ code }) => code)).toEqual(["HG_POLICY_OPENAPI"]);
  });
});
