import { gzipSync } from "node:zlib";
import type { Identity } from "@headgate/control";
import fc from "fast-check";
import { Compile } from "typebox/compile";
import { beforeAll, describe, expect, test } from "vitest";
import { newEventSchema } from "../../src/api/schemas.ts";
import { jsonText, nested } from "../json/json-texts.ts";
import { naiveOutline } from "../json/naive-outline.ts";
import { type Ask, openRig, type Rig, START } from "../rig.ts";
import { keptBy, refusal, type ShownEvent } from "./kept.ts";

const PATH = "/v1/events";

async function start(): Promise<{ rig: Rig; as: Identity }> {
  const rig = await openRig();
  return { rig, as: await rig.caller("Ada") };
}

test("an event is answered as it is kept, with all that was sent, and shown the same from then on", async () => {
  const { rig, as } = await start();
  const sent = {
    type: "user.login",
    actor: { id: "user_1", name: "Ada" },
    target: { id: "app_1", type: "app", name: "The app" },
    time: "2029-12-31T23:59:59.5Z",
    metadata: { ip: "192.0.2.1" },
    idempotency_key: "login-1",
  };
  const answer = await rig.ask({ as, path: PATH, body: sent });
  expect(answer.status).toBe(200);
  const { idempotency_key, ...shown } = sent;
  expect(answer.json()).toEqual({
    ...shown,
    id: expect.stringMatching(/^evt_[0-9a-z]{26}$/),
    seq: 1,
    time: "2029-12-31T23:59:59.500Z",
    received_at: new Date(START).toISOString(),
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const again = await rig.ask({ as, path: `${PATH}/${answer.json().id}` });
  expect(again.text).toBe(answer.text);
});

test("a type is all that an event needs; the time then is when it came", async () => {
  const { rig, as } = await start();
  for (const body of [{ type: "a" }, { type: "a", actor: null, target: null }]) {
    const { json } = await rig.ask({ as, path: PATH, body });
    const time = new Date(START).toISOString();
    expect(json()).toMatchObject({ type: "a", actor: null, target: null, metadata: null, time, received_at: time });
  }
});

test("ids sort by when events came, also when the clock goes back", async () => {
  const { rig, as } = await start();
  const ids: string[] = [];
  for (const step of [0, 0, 1, 1_000, -2_000, 0, 5_000]) {
    rig.time.now += step;
    ids.push((await rig.ask({ as, path: PATH, body: { type: "a" } })).json<ShownEvent>().id);
  }
  expect(ids).toEqual(ids.toSorted());
});

test("metadata comes back byte for byte, whatever it holds", async () => {
  const { rig, as } = await start();
  const metadata = jsonText.filter((text) => {
    const { text: whole, fault } = naiveOutline(`{"metadata":${text}}`, 0, "metadata").items[0] ?? {};
    return text.startsWith("{") && fault === undefined && whole !== undefined;
  });
  await fc.assert(
    fc.asyncProperty(metadata, fc.constantFrom("", " ", "\n\t"), async (text, blank) => {
      const body = `{"metadata"${blank}:${blank}${text}${blank},"type":"a"}`;
      const { status, json, ...answer } = await rig.ask({ as, path: PATH, body });
      expect([status, answer.text]).toEqual([200, expect.stringContaining(`"metadata":${text},"hash"`)]);
      const shown = await rig.ask({ as, path: `${PATH}/${json().id}` });
      expect(shown.text).toBe(answer.text);
      const list = await rig.ask({ as, path: `${PATH}?limit=1` });
      expect(list.text).toContain(answer.text);
    }),
    { numRuns: 150 },
  );
});

test("numbers, key order, escapes and blanks of metadata are kept as no JSON.parse would keep them", async () => {
  const { rig, as } = await start();
  const metadata =
    '{ "b":1.0, "a":1e400,"1" : 12345678901234567890,"0":-0.0,\r\n\t"\\u0061\\u0000":"\\/ \\ud83d\\ude00 😀 \u2028" }';
  const { text } = await rig.ask({ as, path: PATH, body: `{"type":"a","metadata": ${metadata} }` });
  expect(text).toContain(`"metadata":${metadata},"hash"`);
});

test("whatever is accepted is as the description says that events are sent", async () => {
  const { rig, as } = await start();
  const validator = Compile(newEventSchema);
  const odd = fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom(null, 1, true, {}, [], "x".repeat(201)));
  const label = fc.oneof({ weight: 3, arbitrary: fc.constantFrom("user_1", "é", "x".repeat(200)) }, odd);
  const party = fc.oneof(odd, fc.record({ id: label, name: label, type: label }, { requiredKeys: [] }));
  const event = fc.record(
    {
      type: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("a", "user.login", "A1._:/-") }, odd),
      actor: party,
      target: party,
      time: fc.oneof(odd, fc.constantFrom("2029-01-01T00:00:00Z", 1, "1")),
      metadata: fc.oneof(odd, fc.constant({ a: 1 })),
      idempotency_key: fc.oneof(odd, fc.uuid()),
    },
    { requiredKeys: [] },
  );
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(event, async (body) => {
      const { status } = await rig.ask({ as, path: PATH, body });
      accepted += status === 200 ? 1 : 0;
      if (status === 200) expect([body, validator.Errors(body)]).toEqual([body, []]);
      else expect(status).toBe(422);
    }),
    { numRuns: 400 },
  );
  expect(await keptBy(rig, as)).toBe(accepted);
});

describe("an event that cannot be kept", () => {
  let rig: Rig;
  let as: Identity;
  // One for all of them: what they ask changes nothing.
  beforeAll(async () => {
    let close: (() => Promise<void>) | undefined;
    rig = await openRig({ atEnd: (end) => (close = end) });
    as = await rig.caller("Ada");
    return close;
  });
  const refused = (body: unknown, headers: Ask["headers"] = {}) => refusal(rig, { as, path: PATH, body, headers });

  const TYPE = "is not 1 to 128 letters, digits and . _ : / - that begin with a letter or digit";
  const LABEL = "is not a text of 1 to 200 characters without control characters";
  const KEY = "is not a text of 1 to 255 visible ASCII characters";
  const HALF = "holds half a surrogate pair, which is no text";
  const EVENT = { type: "a" };

  test.each<[string, unknown, string, string]>([
    ["no type", {}, "#/type", "is missing"],
    ["a null type", { type: null }, "#/type", TYPE],
    ["a number as type", { type: 1 }, "#/type", TYPE],
    ["an empty type", { type: "" }, "#/type", TYPE],
    ["a type of 129", { type: "a".repeat(129) }, "#/type", TYPE],
    ["a type with a blank", { type: "a b" }, "#/type", TYPE],
    ["a type with a line end", { type: "a\n" }, "#/type", TYPE],
    ["a type that begins with a dot", { type: ".a" }, "#/type", TYPE],
    ["a type in Cyrillic", { type: "а" }, "#/type", TYPE],
    ["an actor that is a text", { ...EVENT, actor: "user_1" }, "#/actor", "is no object with an id"],
    ["an actor that is a list", { ...EVENT, actor: [] }, "#/actor", "is no object with an id"],
    ["an actor without an id", { ...EVENT, actor: { name: "Ada" } }, "#/actor/id", "is missing"],
    ["an actor with a null id", { ...EVENT, actor: { id: null } }, "#/actor/id", LABEL],
    ["an actor with an empty id", { ...EVENT, actor: { id: "" } }, "#/actor/id", LABEL],
    ["an actor's id of 201", { ...EVENT, actor: { id: "x".repeat(201) } }, "#/actor/id", LABEL],
    ["a NUL in an actor's id", { ...EVENT, actor: { id: "a\0" } }, "#/actor/id", LABEL],
    ["a control character in a name", { ...EVENT, actor: { id: "a", name: "\u0085" } }, "#/actor/name", LABEL],
    ["a number as a name", { ...EVENT, actor: { id: "a", name: 1 } }, "#/actor/name", LABEL],
    ["an actor's type", { ...EVENT, actor: { id: "a", type: "b" } }, "#/actor/type", "is not a field of this"],
    ["a target without an id", { ...EVENT, target: {} }, "#/target/id", "is missing"],
    ["an empty target type", { ...EVENT, target: { id: "a", type: "" } }, "#/target/type", LABEL],
    ["a null time", { ...EVENT, time: null }, "#/time", "is neither ISO 8601 nor Unix epoch seconds"],
    ["a time in year 0", { ...EVENT, time: "0000-01-01T00:00:00Z" }, "#/time", "is before 1970"],
    ["a time in year 9999", { ...EVENT, time: "9999-12-31T23:59:59Z" }, "#/time", "is in the future"],
    ["null metadata", { ...EVENT, metadata: null }, "#/metadata", "is not an object"],
    ["a list as metadata", { ...EVENT, metadata: [] }, "#/metadata", "is not an object"],
    ["a text as metadata", { ...EVENT, metadata: "{}" }, "#/metadata", "is not an object"],
    ["metadata of 33 KB", { ...EVENT, metadata: { a: "x".repeat(33_000) } }, "#/metadata", "is larger than 32 KiB"],
    ["and in bytes", { ...EVENT, metadata: { a: "é".repeat(17_000) } }, "#/metadata", "is larger than 32 KiB"],
    ["an empty key", { ...EVENT, idempotency_key: "" }, "#/idempotency_key", KEY],
    ["a null key", { ...EVENT, idempotency_key: null }, "#/idempotency_key", KEY],
    ["a key of 256", { ...EVENT, idempotency_key: "x".repeat(256) }, "#/idempotency_key", KEY],
    ["a key with a blank", { ...EVENT, idempotency_key: "a b" }, "#/idempotency_key", KEY],
    [
      "another field",
      { ...EVENT, "a.b/c": 1 },
      "#/a.b~1c",
      "is not a field of this: put what is your own into metadata",
    ],
    [
      "an id of its own",
      { ...EVENT, id: "evt_1" },
      "#/id",
      "is not a field of this: put what is your own into metadata",
    ],
    ["a field twice", '{"type":"a","type":"a"}', "#", 'has the field "type" twice'],
    ["a field twice, escaped", '{"type":"a","\\u0074ype":"b"}', "#", 'has the field "type" twice'],
    ["one twice in metadata", '{"type":"a","metadata":{"x":{"k":1,"k":1}}}', "#/metadata/x", 'has the field "k" twice'],
    ["__proto__", '{"type":"a","__proto__":{}}', "#", 'has a field that must not be called "__proto__"'],
    [
      "constructor, escaped, in metadata",
      '{"type":"a","metadata":{"list":[0,{"c\\u006fnstructor":1}]}}',
      "#/metadata/list/1",
      'has a field that must not be called "constructor"',
    ],
    [
      "prototype in an actor",
      '{"type":"a","actor":{"id":"a","prototype":1}}',
      "#/actor",
      'has a field that must not be called "prototype"',
    ],
    ["half a pair in metadata", '{"type":"a","metadata":{"x":["\\ud800"]}}', "#/metadata/x/0", HALF],
    ["half a pair as a name", '{"type":"a","metadata":{"\\udc00":1}}', "#/metadata", HALF],
    ["half a pair in an id", '{"type":"a","actor":{"id":"a\\ude00\\ud83d"}}', "#/actor/id", HALF],
    [
      "10 000 fields",
      { ...EVENT, metadata: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i])) },
      "#",
      "has more than 256 fields",
    ],
    [
      "20 levels",
      `{"type":"a","metadata":${nested("1", 20)}}`,
      `#/metadata${"/0/n".repeat(8).slice(0, -2)}`,
      "is nested deeper than 16 levels",
    ],
    ["a list", [EVENT], "#", "is not an object"],
    ["a text", '"a"', "#", "is not an object"],
    ["null", "null", "#", "is not an object"],
    ["a number", "1e400", "#", "is not an object"],
  ])("%s: nothing is kept, and the answer says where and why", async (_, body, pointer, detail) => {
    const { status, code, errors } = await refused(body);
    expect({ status, code, errors }).toEqual({
      status: 422,
      code: "HG_EVENT_INVALID",
      errors: [{ pointer, detail }],
    });
  });

  test("the detail begins with the field", async () => {
    expect((await refused({})).detail).toBe("`type` is missing.");
    expect((await refused([])).detail).toBe("The event is not an object.");
    expect((await refused({ type: "a", actor: { id: 1 } })).detail).toBe(`\`actor.id\` ${LABEL}.`);
  });

  test.each<[string, string | Buffer, RegExp]>([
    ["nothing", "", /^The body is not JSON: it is empty\.$/],
    ["blanks", " \n", /^The body is not JSON: Unexpected end/],
    ["half an object", '{"type":', /^The body is not JSON: /],
    ["two objects", '{"type":"a"}{"type":"b"}', /^The body is not JSON: /],
    ["a comma too many", '{"type":"a",}', /^The body is not JSON: /],
    ["single quotes", "{'type':'a'}", /^The body is not JSON: /],
    ["NaN", '{"type":"a","metadata":{"x":NaN}}', /^The body is not JSON: /],
    ["a NUL as it is", '{"type":"a\0"}', /^The body is not JSON: /],
    ["a line end in a text", '{"type":"a","metadata":{"x":"\n"}}', /^The body is not JSON: /],
    ["half a pair in UTF-8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), /^The body is not UTF-8\.$/],
    ["an overlong slash", Buffer.from([0x22, 0xc0, 0xaf, 0x22]), /^The body is not UTF-8\.$/],
    ["Latin-1", Buffer.from('{"type":"é"}', "latin1"), /^The body is not UTF-8\.$/],
    ["UTF-16", Buffer.from('\ufeff{"type":"a"}', "utf16le"), /^The body is not UTF-8\.$/],
    ["UTF-16 without a mark", Buffer.from('{"type":"a"}', "utf16le"), /^The body is not JSON: /],
    ["two byte order marks", '\ufeff\ufeff{"type":"a"}', /^The body is not JSON: /],
    ["a million brackets", "[".repeat(1_000_000), /^The body is not JSON: /],
  ])("%s: is no JSON, and nothing is kept", async (_, body, detail) => {
    expect(await refused(body)).toMatchObject({
      status: 400,
      code: "HG_EVENTS_JSON",
      detail: expect.stringMatching(detail),
    });
  });

  test.each([
    [{ "content-type": "text/plain" }, /^A body of text\/plain is not taken/],
    [{ "content-type": "application/x-www-form-urlencoded" }, /: send application\/json\.$/],
    [{ "content-type": "application/jsonp" }, /^A body of application\/jsonp is not taken/],
    [{ "content-type": "" }, /^A body of {2}is not taken/],
    [{ "content-encoding": "gzip" }, /^A body in gzip is not taken: send it uncompressed\.$/],
    [{ "content-encoding": "identity, br" }, /^A body in identity, br is not taken/],
  ])("%j: is another media type, and nothing is kept", async (headers, detail) => {
    const body = "content-encoding" in headers ? gzipSync('{"type":"a"}') : '{"type":"a"}';
    const problem = await refused(body, headers as Record<string, string>);
    expect(problem).toMatchObject({ status: 415, code: "HG_EVENTS_MEDIA_TYPE", detail: expect.stringMatching(detail) });
  });
});

test("JSON is taken under all its names, with a byte order mark, and of unknown type", async () => {
  const { rig, as } = await start();
  for (const type of ["application/json", "Application/JSON; charset=utf-8", "application/cloudevents+json"]) {
    expect((await rig.ask({ as, path: PATH, body: EVENT, headers: { "content-type": type } })).status).toBe(200);
  }
  const headers = { "content-encoding": "Identity" };
  expect((await rig.ask({ as, path: PATH, body: `\ufeff${EVENT}`, headers })).status).toBe(200);
  const request = { method: "POST", path: PATH, query: "", headers: {}, body: Buffer.from(EVENT), identity: as };
  expect(await rig.api.answer(request)).toMatchObject({ status: 200 });
  expect(await keptBy(rig, as)).toBe(5);
});

const EVENT = '{"type":"a"}';
