import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { javascriptLiteral, jsonLiteral, pythonLiteral } from "../src/samples/literal.ts";

const PYTHON = "/usr/bin/python3";
const hasPython = spawnSync(PYTHON, ["--version"]).status === 0;
if (!hasPython) console.warn(`Python's literals are not read: install python3, for ${PYTHON}`);

/** Negative zero is no value of JSON's. */
const values = fc.jsonValue({ noUnicodeString: false }).filter((value) => !JSON.stringify(value).includes("-0"));

test("a value as JSON or JavaScript reads as the same value", () => {
  fc.assert(
    fc.property(values, (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(jsonLiteral(value))).toEqual(plain);
      expect(new Function(`return ${javascriptLiteral(value)}`)()).toEqual(plain);
    }),
  );
});

test("a field called __proto__ stays one", () => {
  const value = JSON.parse('{"__proto__": {"a": 1}}');
  const read = new Function(`return ${javascriptLiteral(value)}`)() as object;
  expect(Object.keys(read)).toEqual(["__proto__"]);
});

test.runIf(hasPython)("a value as Python reads as the same value", () => {
  const samples = fc.sample(values, 100);
  const source = `import json\nfor value in [\n${samples.map((value) => pythonLiteral(value)).join(",\n")}\n]: print(json.dumps(value))`;
  const { stdout, stderr } = spawnSync(PYTHON, ["-"], { input: source, encoding: "utf8" });
  expect(stderr).toBe("");
  const read = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(read).toEqual(samples.map((value) => JSON.parse(JSON.stringify(value))));
});

test("what is short stands on one line, and what is long on several", () => {
  expect(pythonLiteral({ a: [1, true, null] })).toBe('{"a": [1, True, None]}');
  expect(javascriptLiteral({ a: "x".repeat(70), "b-c": {} })).toBe(`{\n  a: "${"x".repeat(70)}",\n  "b-c": {},\n}`);
});
