import type { Identity } from "@headgate/control";
import { expect, test } from "vitest";
import { openRig, type Rig } from "../rig.ts";
import { keptBy, refusal, type ShownList } from "./kept.ts";

const PATH = "/api/events";
const BUCKET = { "x-is-bucketkey": "house" };

async function start(): Promise<{ rig: Rig; as: Identity }> {
  const rig = await openRig();
  return { rig, as: await rig.caller("Ada") };
}

test("a bucket is made once", async () => {
  const { rig, as } = await start();
  const body = { bucketKey: "house", bucketName: "My house" };
  expect((await rig.ask({ as, path: "/api/buckets", body })).status).toBe(201);
  expect((await rig.ask({ as, path: "/api/buckets", body })).status).toBe(204);
  const other = await rig.caller("Bob");
  expect((await rig.ask({ as: other, path: "/api/buckets", body: { bucketKey: "house" } })).status).toBe(201);
  const refused = await refusal(rig, { as, path: "/api/buckets", body: { bucketKey: "a\nb" } });
  expect(refused).toMatchObject({ status: 422, code: "HG_EVENTS_BODY", errors: [{ pointer: "#/bucketKey" }] });
});

test("a reading, and a list of them, are kept as events about the bucket, each value as it was written", async () => {
  const { rig, as } = await start();
  const one = '{"key":"kitchen","value":21.50}';
  const two =
    ' [{"key":"hall","value":"on","epoch":1893455999.25},\n{"value": true ,"key":"door","iso8601":"2029-12-31T23:59:58Z"}]';
  for (const body of [one, `${" ".repeat(200)}${two}`, `\ufeff${two}`, "[]"]) {
    const { status, text } = await rig.ask({ as, path: PATH, headers: BUCKET, body });
    expect([status, text]).toEqual([204, ""]);
  }
  expect((await rig.ask({ as, path: `${PATH}?bucketKey=garden`, body: one })).status).toBe(204);
  const { text, json } = await rig.ask({ as, path: "/v1/events?order=asc&type=reading&target=house" });
  const { items } = json<ShownList>();
  expect(items.map(({ time, metadata }) => [time, metadata])).toEqual([
    ["2030-01-01T00:00:00.000Z", { key: "kitchen", value: 21.5 }],
    ["2029-12-31T23:59:59.250Z", { key: "hall", value: "on" }],
    ["2029-12-31T23:59:58.000Z", { key: "door", value: true }],
    ["2029-12-31T23:59:59.250Z", { key: "hall", value: "on" }],
    ["2029-12-31T23:59:58.000Z", { key: "door", value: true }],
  ]);
  expect(text).toContain('{"key":"kitchen","value":21.50}');
});

test("where one reading cannot be kept none is, and the answer names each of those", async () => {
  const { rig, as } = await start();
  const body = [
    { key: "a", value: 1 },
    1,
    { key: "", value: 1 },
    { key: "a", value: null },
    { key: "a", value: 1, epoch: "then" },
    { key: "a", value: "x".repeat(2_001) },
  ];
  const problem = await refusal(rig, { as, path: PATH, headers: BUCKET, body });
  expect(problem).toMatchObject({ status: 422, code: "HG_EVENT_INVALID" });
  expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(["#/1", "#/2", "#/3", "#/4", "#/5"]);
  const twice = await refusal(rig, { as, path: PATH, headers: BUCKET, body: '[{"key":"a","value":1,"value":2}]' });
  expect(twice.errors).toEqual([{ pointer: "#/0", detail: 'has the field "value" twice' }]);
  const alone = await refusal(rig, { as, path: PATH, headers: BUCKET, body: "1" });
  expect(alone.errors).toEqual([{ pointer: "#", detail: "is not an object" }]);
  const many = Array.from({ length: 101 }, () => ({ key: "a", value: 1 }));
  expect(await refusal(rig, { as, path: PATH, headers: BUCKET, body: many })).toMatchObject({
    code: "HG_EVENTS_BATCH",
  });
  expect(await keptBy(rig, as)).toBe(0);
});

test("a call that names no bucket is refused", async () => {
  const { rig, as } = await start();
  const body = { key: "a", value: 1 };
  for (const headers of [{}, { "x-is-bucketkey": "" }, { "x-is-bucketkey": "a\tb" }]) {
    const refused = await refusal(rig, { as, path: PATH, headers, body });
    expect(refused).toMatchObject({ status: 400, code: "HG_EVENTS_QUERY" });
  }
});
