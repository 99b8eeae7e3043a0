import type { Identity } from "@headgate/control";
import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonText } from "../json/json-texts.ts";
import { openRig, type Rig } from "../rig.ts";
import { keptBy, refusal, type ShownBatch, type ShownList } from "./kept.ts";

const PATH = "/v1/events/batch";

async function start(policy = {}): Promise<{ rig: Rig; as: Identity }> {
  const rig = await openRig({ policy });
  return { rig, as: await rig.caller("Ada") };
}

test("a batch's events are kept in the order in which they were sent, next to each other", async () => {
  const { rig, as } = await start();
  const types = Array.from({ length: 100 }, (_, index) => `type.${index}`);
  const answers = await Promise.all(
    ["a", "b", "c"].map((actor) => {
      const events = types.map((type) => ({ type, actor: { id: actor } }));
      return rig.ask({ as, path: PATH, body: { events } });
    }),
  );
  for (const [index, answer] of answers.entries()) {
    expect(answer.json()).toMatchObject({ accepted: 100, rejected: 0, rejections: [] });
    const actor = "abc"[index];
    const { items } = (await rig.ask({ as, path: `/v1/events?order=asc&limit=100&actor=${actor}` })).json<ShownList>();
    expect(items.map(({ type }) => type)).toEqual(types);
    expect(items.map(({ id }) => id)).toEqual(answer.json<ShownBatch>().ids);
    const [first = 0] = items.map(({ seq }) => seq);
    expect(items.map(({ seq }) => seq)).toEqual(types.map((_, at) => first + at));
  }
  expect(await keptBy(rig, as)).toBe(300);
});

test("each event of a batch is judged on its own: which, where, and why", async () => {
  const { rig, as } = await start();
  const events = [
    '{"type":"a"}',
    '{"type":""}',
    "null",
    '[{"type":"b","type":"b"}]',
    '{"type":"c","actor":{"id":1}}',
    '{"type":"d","type":"d"}',
    '{"type":"e","metadata":{"x":[{"__proto__":1}]}}',
    '{"type":"f","metadata":{"x":"\\ud800"}}',
    '{"type":"g","time":"2029-02-30T00:00:00Z"}',
    '"\\ud800"',
    '{"type":"h","metadata":{"events":[{"type":"i"}]}}',
    '{"type":"j","colour":"red"}',
  ];
  const { status, json } = await rig.ask({ as, path: PATH, body: `{"events":[${events.join(" , ")}]}` });
  expect(status).toBe(200);
  expect(json()).toEqual({
    accepted: 2,
    rejected: 10,
    ids: [expect.stringMatching(/^evt_/), expect.stringMatching(/^evt_/)],
    rejections: [
      { index: 1, field: "type", reason: expect.stringMatching(/^is not 1 to 128 letters/) },
      { index: 2, field: "", reason: "is not an object" },
      { index: 3, field: "", reason: "is not an object" },
      { index: 4, field: "actor.id", reason: expect.stringMatching(/^is not a text of 1 to 200/) },
      { index: 5, field: "", reason: 'has the field "type" twice' },
      { index: 6, field: "metadata.x.0", reason: 'has a field that must not be called "__proto__"' },
      { index: 7, field: "metadata.x", reason: "holds half a surrogate pair, which is no text" },
      { index: 8, field: "time", reason: "is no moment that there is" },
      { index: 9, field: "", reason: "is not an object" },
      { index: 11, field: "colour", reason: "is not a field of this: put what is your own into metadata" },
    ],
  });
  const { items } = (await rig.ask({ as, path: "/v1/events?order=asc" })).json<ShownList>();
  expect(items.map(({ type, metadata }) => [type, metadata])).toEqual([
    ["a", null],
    ["h", { events: [{ type: "i" }] }],
  ]);
});

test("whatever a batch's elements are, each is accepted or rejected as it would be alone", async () => {
  const { rig, as } = await start();
  const element = fc.oneof(
    jsonText,
    jsonText.map((metadata) => `{"type":"a","metadata":${metadata}}`),
    fc.constant('{"type":"a"}'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(element, { minLength: 1, maxLength: 8 }), async (elements) => {
      const { json } = await rig.ask({ as, path: PATH, body: `{"events":[${elements.join()}]}` });
      const { rejections, ids, ...counts } = json<ShownBatch>();
      const rejected = new Set(rejections.map(({ index }) => index));
      expect(counts).toEqual({ accepted: ids.length, rejected: elements.length - ids.length });
      for (const [index, body] of elements.entries()) {
        const { status } = await rig.ask({ as, path: "/v1/events", body });
        expect([body, status]).toEqual([body, rejected.has(index) ? 422 : 200]);
      }
    }),
    { numRuns: 40 },
  );
});

test("a batch of which nothing can be kept says so, and keeps nothing", async () => {
  const { rig, as } = await start();
  const { status, json } = await rig.ask({ as, path: PATH, body: { events: [{}, 1] } });
  expect([status, json()]).toMatchObject([200, { accepted: 0, rejected: 2, ids: [] }]);
  expect(await keptBy(rig, as)).toBe(0);
});

test("what is no batch is refused as a whole, and nothing is kept", async () => {
  const { rig, as } = await start();
  const refused = async (body: unknown): Promise<unknown> => {
    const { status, code, errors } = await refusal(rig, { as, path: PATH, body });
    expect([status, code]).toEqual([422, "HG_EVENTS_BATCH"]);
    return errors;
  };
  const event = '{"type":"a"}';
  const hundred = Array.from({ length: 101 }, () => ({ type: "a" }));
  expect(await refused({ events: [] })).toEqual([{ pointer: "#/events", detail: "is empty" }]);
  expect(await refused({ events: hundred })).toEqual([
    { pointer: "#/events", detail: "has 101 events, and may have 100 at most: send several batches" },
  ]);
  for (const events of [undefined, null, {}, "[]", 1]) {
    expect(await refused({ events })).toEqual([{ pointer: "#/events", detail: "is not a list of events" }]);
  }
  for (const body of [[{ type: "a" }], "null", '"a"', 1]) {
    expect(await refused(body)).toEqual([
      { pointer: "#", detail: "is not a batch: an object with the field `events`" },
    ]);
  }
  for (const [name, pointer] of [
    ["event", "#/event"],
    ["__proto__", "#/__proto__"],
    ["a/b", "#/a~1b"],
  ]) {
    const body = `{"events":[${event}],"${name}":[]}`;
    expect(await refused(body)).toEqual([{ pointer, detail: "is not a field of a batch" }]);
  }
  for (const name of ["events", "\\u0065vents"]) {
    const body = `{"events":[${event}],"${name}":[${event}]}`;
    expect(await refused(body)).toEqual([{ pointer: "#", detail: 'has the field "events" twice' }]);
  }
});

test("how many events a batch may have is the policy's affair, also when that changes", async () => {
  const { rig, as } = await start({ maxBatch: 2 });
  const body = { events: [{ type: "a" }, { type: "b" }, { type: "c" }] };
  expect(await refusal(rig, { as, path: PATH, body })).toMatchObject({ code: "HG_EVENTS_BATCH" });
  rig.policy = { ...rig.policy, maxBatch: 3 };
  expect((await rig.ask({ as, path: PATH, body })).json()).toMatchObject({ accepted: 3 });
});

test("the paths of the systems that are served take single events and batches alike", async () => {
  const { rig, as } = await start();
  expect((await rig.ask({ as, path: "/events", body: { type: "a" } })).status).toBe(200);
  expect((await rig.ask({ as, path: "/events/batch", body: { events: [{ type: "a" }] } })).status).toBe(200);
  expect(await keptBy(rig, as)).toBe(2);
});
