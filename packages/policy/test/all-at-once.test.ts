import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadPolicy } from "../src/index.ts";
import { formatPath, type Path } from "../src/problem.ts";

type Fields = Record<string | number, unknown>;

/** `line CODE path` of each problem. */
function problemsOf(text: string): string[] {
  return loadPolicy(text).problems.map(({ line, code, path }) => `${line} ${code} ${path}`);
}

test("faults of shape and of meaning are told together", () => {
  const text = `
headgate: 1
callers:
  api-key: { bearr: ex_ }
endpoints:
  meters: [v1/meters]
limits:
  - { name: a, per: nobody, quota: 0 }
  - { name: b, per: ip, quota: 5, window: 1m, burst: 3, match: { endpoint: metres } }
  - { name: "c d", per: api-key, quota: 5, window: 1m }
suspend:
  - { per: account, within: 1m }
responses:
  limited: { status: 302, body: "{nothing}" }
`;
  expect(problemsOf(text)).toEqual([
    "4 HG_POLICY_UNKNOWN_FIELD callers.api-key.bearr",
    "6 HG_POLICY_GLOB endpoints.meters[0]",
    "8 HG_POLICY_MISSING limits[0].window",
    "8 HG_POLICY_UNKNOWN_CALLER limits[0].per",
    "8 HG_POLICY_VALUE limits[0].quota",
    "9 HG_POLICY_CONFLICT limits[1].burst",
    "9 HG_POLICY_UNKNOWN_ENDPOINT limits[1].match.endpoint",
    "10 HG_POLICY_NAME limits[2].name",
    "12 HG_POLICY_MISSING suspend[0].after",
    "12 HG_POLICY_MISSING suspend[0].for",
    "14 HG_POLICY_STATUS responses.limited.status",
    "14 HG_POLICY_PLACEHOLDER responses.limited.body",
  ]);
});

test("an OpenAPI file that cannot be read keeps nothing else from being told", () => {
  const text = `
headgate: 1
endpoints: { openapi: nowhere.yaml }
limits:
  - { name: a, per: nobody, quota: 1, window: 1m, match: { endpoint: of-the-file } }
`;
  expect(problemsOf(text)).toEqual(["3 HG_POLICY_FILE endpoints.openapi", "5 HG_POLICY_UNKNOWN_CALLER limits[0].per"]);
});

test("what may be meant otherwise once a fault is mended is not told with it", () => {
  const text = `
headgate: 1
credentials: manged
callers: { api-key: { bearer: true } }
limits:
  - { name: a, per: account, quota: 5, algoritm: concurrency }
suspend: [{ per: account, after: 5 denials, within: 1m, for: 1h }]
`;
  expect(problemsOf(text)).toEqual(["3 HG_POLICY_VALUE credentials", "6 HG_POLICY_UNKNOWN_FIELD limits[0].algoritm"]);
});

/** Every place of a file's tree but its root. */
function placesIn(value: unknown, path: Path = []): Path[] {
  const below = typeof value === "object" && value !== null ? Object.keys(value) : [];
  return below.flatMap((key) => {
    // What is wrong within a cost may be told of another kind of cost.
    if (path.at(-1) === "cost") return [];
    const place = [...path, Array.isArray(value) ? Number(key) : key];
    return [place, ...placesIn((value as Fields)[key], place)];
  });
}

/** The file as text, after something was done to the map or list that a place is in. */
function changed(file: unknown, place: Path, change: (parent: Fields, key: string | number) => void): string {
  const copy = structuredClone(file);
  let parent = copy as Fields;
  for (const segment of place.slice(0, -1)) parent = parent[segment] as Fields;
  change(parent, place.at(-1) as string | number);
  return JSON.stringify(copy);
}

describe.each(["full", "managed", "redis"])("good/%s.yaml with one fault", (name) => {
  const file: unknown = parse(readFileSync(new URL(`fixtures/good/${name}.yaml`, import.meta.url), "utf8"));

  test("says nothing of what is right, where a value has a shape that it cannot have", () => {
    for (const place of placesIn(file)) {
      const text = changed(file, place, (parent, key) => {
        parent[key] = [[[]]];
      });
      const faults = loadPolicy(text).problems.filter(({ severity }) => severity === "fault");
      const written = formatPath(place);
      expect(faults.filter(({ path }) => !path.startsWith(written) && !written.startsWith(path))).toEqual([]);
    }
  });

  test("says nothing of what is right, where a field is misspelt", () => {
    for (const place of placesIn(file)) {
      if (typeof place.at(-1) === "number") continue;
      const text = changed(file, place, (parent, key) => {
        parent[`${key}x`] = parent[key];
        delete parent[key];
      });
      const { problems } = loadPolicy(text);
      const written = formatPath(place);
      const others = problems.filter(({ path }) => path !== written && path !== `${written}x`);
      // Where any name will do, it is another thing that is called so.
      if (problems.some(({ code, path }) => code === "HG_POLICY_UNKNOWN_FIELD" && path === `${written}x`)) {
        expect(others).toEqual([]);
      }
    }
  });
});
