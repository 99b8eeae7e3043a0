import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { apiFiles, limitedApi, type Overlay } from "../src/index.ts";
import { policyNamed, policyOf, SYSTEMS } from "./policy-of.ts";

type Node = Record<string, unknown>;

/** A document that says a little of everything: tags, references, its own 429, a body, an anchor used twice. */
function api(version: string, paths: readonly string[] = ["/v1/events", "/v1/widget/events", "/key/activate"]): string {
  const operations = paths.map(
    (path) => `
  ${path}:
    get:
      operationId: get${paths.indexOf(path)}
      description: Ours.
      responses: { "200": { description: Good., headers: { ETag: { schema: { type: string } } } }, "404": { $ref: "#/components/responses/NotFound" } }
    post:
      operationId: post${paths.indexOf(path)}
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { "200": &good { description: Good. }, "201": *good, "429": { description: In our words., headers: { retry-after: { schema: { type: integer } } } } }`,
  );
  return `openapi: ${version}\ninfo: { title: Example, version: "1" }\npaths:${operations.join("")}
components:
  responses: { NotFound: { description: Not there. } }
  headers: { X-RateLimit-Limit: { description: In our words., schema: { type: integer } } }
`;
}

/** Carries out an overlay's actions by their targets alone, as any other tool would. */
function applied(overlay: Overlay, text: string): Node {
  const document = JSON.parse(JSON.stringify(parse(text))) as Node;
  for (const { target, update, remove } of overlay.actions) {
    const steps = [...target.matchAll(/\.(\w+)|\['((?:[^'\\]|\\.)*)'\]/g)].map(
      ([, plain, quoted = ""]) => plain ?? quoted.replace(/\\(.)/g, "$1"),
    );
    const parent = steps.slice(0, -1).reduce((node, step) => node[step] as Node, document);
    const last = steps.at(-1);
    if (remove) delete parent[last as string];
    else merge(last === undefined ? document : (parent[last] as Node), update as Node);
  }
  return document;
}

function merge(into: Node, update: Node): void {
  for (const [name, value] of Object.entries(update)) {
    const there = into[name];
    const isBothMaps = [there, value].every(
      (side) => typeof side === "object" && side !== null && !Array.isArray(side),
    );
    if (isBothMaps) merge(there as Node, value as Node);
    else into[name] = value;
  }
}

async function faultsOf(document: object): Promise<unknown> {
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  return valid ? [] : errors;
}

function operationIn(document: unknown, path: string, method: string): Node {
  return ((document as Node).paths as Record<string, Record<string, Node>>)[path]?.[method] as Node;
}

describe.each(["3.0.3", "3.1.0"])("a document of version %s", (version) => {
  test.each(SYSTEMS)("with the limits of %s in it is valid, and stays of that version", async (name) => {
    const { document } = limitedApi(policyNamed(name), api(version));
    expect(document.openapi).toBe(version);
    expect(await faultsOf(document)).toEqual([]);
  });

  test.each(SYSTEMS)("to which the overlay of %s is applied is the same", (name) => {
    const { document, overlay } = limitedApi(policyNamed(name), api(version));
    expect(applied(overlay, api(version))).toEqual(document);
  });

  test("stays the same when its limits are added again", () => {
    const { document } = limitedApi(policyNamed("logproof"), api(version));
    expect(limitedApi(policyNamed("logproof"), stringify(document)).document).toEqual(document);
  });
});

describe("an operation that a limit matches", () => {
  const { document } = limitedApi(policyNamed("logproof"), api("3.1.0"));
  const get = operationIn(document, "/v1/events", "get");

  test("has the refusal as it is sent", () => {
    expect(get.responses).toMatchObject({
      429: {
        description: expect.stringContaining("100 requests per minute per API key"),
        headers: { "Retry-After": { $ref: "#/components/headers/Retry-After" } },
        content: {
          "application/json": {
            example: {
              error: { type: "rate_limit_exceeded", message: "Rate limit exceeded. Please retry after 45 seconds." },
            },
          },
        },
      },
    });
  });

  test("has the headers on every answer, also where a reference stands in its place", () => {
    const headers = { "X-RateLimit-Remaining": { $ref: "#/components/headers/X-RateLimit-Remaining" } };
    expect(get.responses).toMatchObject({
      200: { headers: { ...headers, ETag: {} } },
      404: { $ref: expect.any(String) },
    });
    expect(document.components).toMatchObject({ responses: { NotFound: { headers } } });
  });

  test("has its limits as data", () => {
    expect(get["x-rate-limits"]).toContainEqual({ name: "api", quota: 100, window: "1m", per: ["api-key"] });
    expect(get["x-rate-limits"]).toContainEqual({
      name: "plan",
      quota: 1_000_000,
      window: "month",
      timezone: "UTC",
      per: ["account"],
    });
    expect(operationIn(document, "/v1/widget/events", "get")["x-rate-limits"]).not.toContainEqual(
      expect.objectContaining({ name: "api" }),
    );
  });

  test("keeps what it said already", () => {
    expect(get).toMatchObject({
      description: "Ours.",
      responses: { 200: { description: "Good.", headers: { ETag: {} } } },
    });
    const post = operationIn(document, "/v1/events", "post");
    expect(post.responses).toMatchObject({ 429: { description: "In our words.", headers: { "retry-after": {} } } });
    expect(Object.keys((post.responses as Record<string, Node>)[429]?.headers as Node)).not.toContain("Retry-After");
    expect(document.components).toMatchObject({ headers: { "X-RateLimit-Limit": { description: "In our words." } } });
  });

  test("has the refusal of a body that is too large, if it takes one", () => {
    const { document } = limitedApi(policyNamed("initial-state"), api("3.1.0", ["/api/events"]));
    expect(operationIn(document, "/api/events", "post").responses).toMatchObject({
      413: { description: "A body over 200 KB." },
    });
    expect(operationIn(document, "/api/events", "get").responses).not.toHaveProperty("413");
  });
});

test("an operation that no limit matches stays as it is", () => {
  const policy = policyOf("limits: [{ name: a, match: { path: /elsewhere }, per: ip, quota: 1, window: 1m }]");
  const { document, overlay } = limitedApi(policy, api("3.1.0"));
  expect(overlay.actions).toEqual([]);
  expect(document).toEqual(JSON.parse(JSON.stringify(parse(api("3.1.0")))));
});

describe("an operation that is refused for more than its limits", () => {
  const text = (operation: string) =>
    `openapi: 3.1.0\ninfo: { title: x, version: "1" }\npaths: { /a: { put: ${operation} } }`;
  const withBody = text('{ requestBody: { content: {} }, responses: { "200": { description: Good. } } }');

  test("has the refusal of a cap, and no headers of limits, where no limit matches", async () => {
    const policy = policyOf("limits: [{ name: cap, max-body: 1KB }]");
    const { document, overlay } = limitedApi(policy, withBody);
    expect(overlay.actions.map(({ target }) => target)).toEqual(["$.paths['/a'].put"]);
    const { responses } = operationIn(document, "/a", "put");
    expect(responses).toMatchObject({ 200: {}, 413: { description: "A body over 1 KB." } });
    expect(JSON.stringify(responses)).not.toContain("headers");
    expect(await faultsOf(document)).toEqual([]);
  });

  test("has that of a cost above the quota too", () => {
    const policy = policyOf(
      "limits: [{ name: cap, max-body: 1KB }, { name: b, per: ip, quota: 1000, window: 1h, cost: bytes }]",
    );
    expect(operationIn(limitedApi(policy, withBody).document, "/a", "put").responses).toMatchObject({
      413: { description: "A body over 1 KB or more than 1,000 bytes at once." },
    });
    const withoutBody = limitedApi(policy, text("{ responses: {} }")).document;
    expect(operationIn(withoutBody, "/a", "put").responses).not.toHaveProperty("413");
  });
});

test("a limit on requests with a header is one that callers can meet", () => {
  const policy = policyOf(
    "limits: [{ name: beta, match: { headers: { x-beta: '1*', x-other: true } }, per: ip, quota: 1, window: 1m }]",
  );
  const { document } = limitedApi(policy, api("3.1.0"));
  const get = operationIn(document, "/v1/events", "get");
  expect(get["x-rate-limits"]).toMatchObject([{ name: "beta" }]);
  expect(get.responses).toMatchObject({
    429: { description: "Over a limit: 1 request per minute per IP address with the headers x-beta: 1* and x-other." },
  });
});

test("an operation that lacks no response gets none", () => {
  const policy = policyOf("limits: [{ name: a, per: ip, quota: 1, window: 1m }]");
  const { overlay } = limitedApi(policy, api("3.1.0"));
  const update = overlay.actions.find(({ target }) => target === "$.paths['/v1/events'].post")?.update;
  expect(Object.keys(update ?? {})).toEqual(["x-rate-limits"]);
});

test("a path item that several paths refer to is told all their limits, however the reference is written", () => {
  const policy = policyOf(
    `limits: [${["pets", "animals"].map((name) => `{ name: ${name}, match: { path: "/${name}/*" }, per: ip, quota: 1, window: 1m }`)}]`,
  );
  const text = `openapi: 3.1.0
info: { title: x, version: "1" }
paths:
  /pets/{id}: { get: { responses: { "200": { description: Good. } } } }
  /animals/{id}: { $ref: "#/paths/~1pets~1%7Bid%7D" }`;
  const { document, overlay } = limitedApi(policy, text);
  expect(operationIn(document, "/pets/{id}", "get")["x-rate-limits"]).toMatchObject([
    { name: "pets" },
    { name: "animals" },
  ]);
  expect(applied(overlay, text)).toEqual(document);
});

test("the base path of each server is part of what limits match", () => {
  const policy = policyOf("limits: [{ name: a, match: { path: /v2/a }, per: ip, quota: 1, window: 1m }]");
  const text =
    "openapi: 3.1.0\nservers: [{ url: https://api.example.com/v1 }, { url: https://api.example.com/v2 }]\npaths: { /a: { get: { responses: {} } } }";
  expect(operationIn(limitedApi(policy, text).document, "/a", "get")).toHaveProperty("x-rate-limits");
});

test("the base path of the server is part of what limits match", () => {
  const policy = policyOf("limits: [{ name: a, match: { path: /v2/things }, per: ip, quota: 1, window: 1m }]");
  const text =
    "openapi: 3.1.0\ninfo: { title: x, version: '1' }\nservers: [{ url: https://api.example.com/v2 }]\npaths: { /things: { get: { responses: {} } } }";
  expect(operationIn(limitedApi(policy, text).document, "/things", "get")).toHaveProperty("x-rate-limits");
});

test("extensions may hold anything", () => {
  const policy = policyOf("limits: [{ name: a, per: ip, quota: 1, window: 1m }]");
  const text =
    "openapi: 3.1.0\npaths: { x-owner: us, /a: { get: { responses: { x-note: none, '200': { description: Good. } } } } }";
  const { document } = limitedApi(policy, text);
  expect(document.paths).toHaveProperty("x-owner", "us");
  expect(operationIn(document, "/a", "get").responses).toMatchObject({ "x-note": "none", "200": { headers: {} } });
});

test.each([
  { text: "paths: {}", says: "it has no field openapi" },
  { text: "swagger: '2.0'\npaths: {}", says: "of version 2.0" },
  { text: "openapi: 3.1.0\npaths: { /a: { $ref: a.yaml } }", says: "paths./a refers to a.yaml" },
  {
    text: "openapi: 3.1.0\npaths: { /a: { get: { responses: { '200': { $ref: 'b.yaml#/x' } } } } }",
    says: "refers to b.yaml#/x",
  },
  { text: "{", says: "line 1" },
  { text: "openapi: 3.1.0\npaths: {}\nx-loop: &a { b: *a }", says: "an alias in it is part of what it stands for" },
])("a document that cannot be used is refused with what is wrong: $says", ({ text, says }) => {
  const policy = policyOf("limits: [{ name: a, per: ip, quota: 1, window: 1m }]");
  expect(() => limitedApi(policy, text)).toThrow(
    expect.objectContaining({ code: "HG_DOCS_OPENAPI", message: expect.stringContaining(says) }),
  );
});

test("the files are YAML or JSON, as the API's own is", () => {
  const limited = limitedApi(policyNamed("logproof"), api("3.1.0"));
  expect(Object.fromEntries([...apiFiles(limited, false)].map(([name, text]) => [name, parse(text)]))).toEqual({
    "openapi.yaml": limited.document,
    "openapi-overlay.yaml": JSON.parse(JSON.stringify(limited.overlay)),
  });
  const [[name, text] = []] = apiFiles(limited, true);
  expect([name, JSON.parse(text as string)]).toEqual(["openapi.json", limited.document]);
});
