import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { openRig } from "../rig.ts";

// biome-ignore lint/suspicious/noExplicitAny: a description is read here as what it is, any JSON.
type Json = any;

const PROBLEM = "application/problem+json";

test("the API describes itself in valid OpenAPI 3.1", async () => {
  const rig = await openRig();
  const { status, json } = await rig.ask({ path: "/openapi.json" });
  expect(status).toBe(200);
  const description = json<Json>();
  expect(description.openapi).toBe("3.1.0");
  expect(await new Validator().validate(structuredClone(description))).toEqual({ valid: true });
});

test("the description has a strong tag, and is not sent to whoever has it", async () => {
  const rig = await openRig();
  const { headers } = await rig.ask({ path: "/openapi.json" });
  expect(headers.etag).toMatch(/^"[\w-]+"$/);
  const again = await rig.ask({ path: "/openapi.json", headers: { "if-none-match": headers.etag as string } });
  expect([again.status, again.text]).toEqual([304, ""]);
});

test("every operation has a name of its own, a summary, and says how it can fail", async () => {
  const rig = await openRig();
  const { paths } = (await rig.ask({ path: "/openapi.json" })).json<Json>();
  const operations: Json[] = Object.values(paths).flatMap((methods) => Object.values(methods as Json));
  const names = operations.map(({ operationId }) => operationId);
  expect(names.length).toBeGreaterThan(20);
  expect(new Set(names).size).toBe(names.length);
  for (const { operationId, summary, tags, responses, requestBody } of operations) {
    expect([operationId, summary]).toEqual([operationId, expect.stringMatching(/^[A-Z]/)]);
    expect([operationId, tags]).toEqual([operationId, [expect.any(String)]]);
    expect([operationId, Object.keys(responses)]).toEqual([
      operationId,
      expect.arrayContaining(["429", "500", "503", ...(requestBody ? ["413", "415", "422"] : [])]),
    ]);
    for (const [status, { content }] of Object.entries(responses) as [string, Json][]) {
      if (Number(status) >= 400 && content) expect(Object.keys(content)).toEqual([PROBLEM]);
    }
  }
});

test("the description names every parameter of a path, and refers to nothing that is not there", async () => {
  const rig = await openRig();
  const { text, json } = await rig.ask({ path: "/openapi.json" });
  const { paths, components } = json<Json>();
  for (const [path, methods] of Object.entries(paths) as [string, Json][]) {
    for (const { parameters } of Object.values(methods) as Json[]) {
      const named = parameters.filter((parameter: Json) => parameter.in === "path").map(({ name }: Json) => name);
      expect([path, named]).toEqual([path, [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)]);
    }
  }
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining([...new Set(references)]));
});
