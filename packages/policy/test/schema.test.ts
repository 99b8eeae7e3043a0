import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { policyJsonSchema } from "../src/index.ts";

test("the published JSON Schema is up to date (else run packages/policy/scripts/write-schema.ts)", () => {
  const published = readFileSync(new URL("../schema.json", import.meta.url), "utf8");
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(policyJsonSchema())));
});

test("every field has a description", () => {
  const bare: string[] = [];
  const visit = (schema: unknown, path: string): void => {
    if (typeof schema !== "object" || schema === null) return;
    for (const [keyword, value] of Object.entries(schema)) {
      if (keyword !== "properties") visit(value, `${path}/${keyword}`);
      else for (const [name, field] of Object.entries(value as object)) visitField(field, `${path}/${name}`);
    }
  };
  const visitField = (field: unknown, path: string): void => {
    if (!JSON.stringify(field).includes('"description"') && !JSON.stringify(field).includes('"$ref"')) bare.push(path);
    visit(field, path);
  };
  visit(policyJsonSchema(), "");
  expect(bare).toEqual([]);
});
