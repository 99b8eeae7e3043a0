import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { type Json, startRig } from "./rig.ts";

test("the API describes itself in valid OpenAPI 3.1", async () => {
  const rig = await startRig();
  const { status, body } = await rig.call("GET", "openapi.json");
  expect(status).toBe(200);
  expect(body.openapi).toBe("3.1.0");
  const validator = new Validator();
  expect(await validator.validate(structuredClone(body))).toEqual({ valid: true });
});

test("every operation has a name of its own, a summary, and says how it can fail", async () => {
  const rig = await startRig();
  const { paths } = (await rig.call("GET", "openapi.json")).body;
  const operations = Object.values(paths).flatMap((path) => Object.values(path as Json)) as Json[];
  const names = operations.map(({ operationId }) => operationId);
  expect(names.length).toBeGreaterThan(25);
  expect(new Set(names).size).toBe(names.length);
  for (const [path, methods] of Object.entries(paths) as [string, Json][]) {
    for (const operation of Object.values(methods) as Json[]) {
      expect(operation.summary).toBeTruthy();
      const body = operation.requestBody;
      if (body) expect(body.required).toBe(body.content["application/json"].schema.required !== undefined);
      if (!path.startsWith("/admin")) continue;
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["401", "429", "500", "503"]));
      for (const [status, { content }] of Object.entries(operation.responses) as [string, Json][]) {
        if (Number(status) >= 400) expect(Object.keys(content)).toEqual(["application/problem+json"]);
      }
    }
  }
});

test("the examples fit what they are examples of", async () => {
  const rig = await startRig();
  const { components } = (await rig.call("GET", "openapi.json")).body;
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ components }, "api");
  for (const [name, schema] of Object.entries(components.schemas) as [string, Json][]) {
    for (const example of schema.examples ?? []) {
      expect([name, ajv.validate({ $ref: `api#/components/schemas/${name}` }, example)]).toEqual([name, true]);
    }
  }
  expect(components.schemas.Account.examples).toHaveLength(1);
});
