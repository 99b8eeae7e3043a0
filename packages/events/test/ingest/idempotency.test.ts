import type { Identity } from "@headgate/control";
import { startPostgres } from "@headgate/storage/testing";
import { afterAll, describe, expect, test } from "vitest";
import { type Answer, openRig, type Rig } from "../rig.ts";
import { keptBy, problemOf, refusal, type ShownBatch, type ShownEvent } from "./kept.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const REUSE = { status: 422, code: "HG_EVENTS_IDEMPOTENCY_REUSE" };

const engines = [
  { engine: "SQLite", open: async () => [await openRig()] },
  {
    engine: "two instances on PostgreSQL",
    open: async () => {
      const databaseUrl = await postgres?.createDatabase();
      const one = await openRig({ databaseUrl });
      return [one, await openRig({ databaseUrl, time: one.time })];
    },
  },
];

describe.each(engines.slice(0, postgres ? 2 : 1))("on $engine", ({ open }) => {
  async function start(): Promise<{ rigs: readonly Rig[]; rig: Rig; other: Rig; as: Identity }> {
    const rigs = await open();
    const [rig, other = rig] = rigs as [Rig, Rig | undefined];
    return { rigs, rig, other, as: await rig.caller("Ada") };
  }

  const single = (rig: Rig, as: Identity, key: string, body: unknown, path = "/v1/events"): Promise<Answer> =>
    rig.ask({ as, path, body, headers: { "idempotency-key": key } });
  const batch = (rig: Rig, as: Identity, events: readonly unknown[], key?: string): Promise<Answer> =>
    rig.ask({
      as,
      path: "/v1/events/batch",
      body: { events },
      ...(key !== undefined && { headers: { "idempotency-key": key } }),
    });
  const idOf = (answer: Answer): string => answer.json<ShownEvent>().id;
  const isReplayed = ({ headers }: Answer): boolean => headers["idempotent-replayed"] === "true";

  describe("a request under an Idempotency-Key", () => {
    test("that is sent again is answered as before, and says so", async () => {
      const { rig, other, as } = await start();
      const events = [{ type: "a" }, { type: "" }, { type: "b", metadata: { x: 1 } }];
      for (const send of [
        (by: Rig) => single(by, as, "one", { type: "a", metadata: { x: 1 } }),
        (by: Rig) => batch(by, as, events, "two"),
        (by: Rig) => batch(by, as, [{}], "three"),
      ]) {
        const first = await send(rig);
        expect([first.status, isReplayed(first)]).toEqual([200, false]);
        rig.time.now += 1_000;
        const again = await send(other);
        expect([again.status, isReplayed(again), again.text]).toEqual([200, true, first.text]);
      }
      expect(await keptBy(rig, as)).toBe(3);
    });

    test("is refused with another body or at another path, and nothing is kept", async () => {
      const { rig, other, as } = await start();
      await single(rig, as, "one", { type: "a" });
      const headers = { "idempotency-key": "one" };
      for (const body of ['{"type":"b"}', '{ "type":"a"}', '{"type":""}', '{"type":"a","type":"a"}']) {
        expect(await refusal(other, { as, path: "/v1/events", headers, body })).toMatchObject(REUSE);
      }
      expect(await refusal(rig, { as, path: "/events", headers, body: '{"type":"a"}' })).toMatchObject(REUSE);
      const body = { events: [{ type: "a" }] };
      expect(await refusal(rig, { as, path: "/v1/events/batch", headers, body })).toMatchObject(REUSE);
    });

    test("is another under another key of the account, and under another account", async () => {
      const { rig, as } = await start();
      const { key } = await rig.control.keys.create({ accountId: as.accountId, prefix: "hg_sk_" }, "test");
      const beside = { ...as, id: key.id, keyId: key.id };
      const stranger = await rig.caller("Bob");
      const answers = [];
      for (const who of [as, beside, stranger]) answers.push(await single(rig, who, "one", { type: "a" }));
      expect(answers.map((answer) => [answer.status, isReplayed(answer)])).toEqual(Array(3).fill([200, false]));
      expect([await keptBy(rig, as), await keptBy(rig, stranger)]).toEqual([2, 1]);
    });

    test("is shared by a key and the tokens that were minted from it", async () => {
      const { rig, as } = await start();
      const token: Identity = { ...as, kind: "token", id: "tok_1" };
      const first = await single(rig, as, "one", { type: "a" });
      const again = await single(rig, token, "one", { type: "a" });
      expect([isReplayed(again), again.text]).toEqual([true, first.text]);
    });

    test("is forgotten after 24 hours, and not before", async () => {
      const { rig, other, as } = await start();
      await single(rig, as, "one", { type: "a" });
      rig.time.now += DAY_MS - 1;
      expect(problemOf(await single(other, as, "one", { type: "b" }))).toMatchObject(REUSE);
      rig.time.now += 1;
      const anew = await single(other, as, "one", { type: "b" });
      expect([anew.status, isReplayed(anew)]).toEqual([200, false]);
      expect(problemOf(await single(rig, as, "one", { type: "a" }))).toMatchObject(REUSE);
      expect(await keptBy(rig, as)).toBe(2);
    });

    test("is kept once, however many come at the same time", async () => {
      const { rigs, rig, as } = await start();
      const all = Array.from({ length: 50 }, (_, index) => rigs[index % rigs.length] as Rig);
      const answers = await Promise.all(all.map((by) => single(by, as, "one", { type: "a" })));
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(answers.filter((answer) => !isReplayed(answer))).toHaveLength(1);
      expect(await keptBy(rig, as)).toBe(1);
    });

    test("is kept once also where those that come at the same time differ", async () => {
      const { rigs, rig, as } = await start();
      const all = Array.from({ length: 20 }, (_, index) => rigs[index % rigs.length] as Rig);
      const answers = await Promise.all(all.map((by, index) => batch(by, as, [{ type: `a${index}` }], "one")));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const answer of answers) if (answer.status !== 200) expect(problemOf(answer)).toMatchObject(REUSE);
      expect(await keptBy(rig, as)).toBe(1);
    });

    test("can be sent mended, where it could not be kept", async () => {
      const { rig, as } = await start();
      expect((await single(rig, as, "one", { type: "" })).status).toBe(422);
      expect((await single(rig, as, "one", "{")).status).toBe(400);
      expect((await single(rig, as, "one", { type: "a" })).status).toBe(200);
    });
  });

  describe("an event's own key", () => {
    test("makes it the same event however it is sent again, and the answer is that event", async () => {
      const { rig, other, as } = await start();
      const event = '{"type":"a","metadata":{"x":1.0},"idempotency_key":"one"}';
      const first = await rig.ask({ as, path: "/v1/events", body: event });
      const again = await other.ask({ as, path: "/events", body: ` ${event}\n` });
      expect([again.status, isReplayed(again), again.text]).toEqual([200, true, first.text]);
      const batched = await rig.ask({ as, path: "/v1/events/batch", body: `{"events":[${event}, ${event}]}` });
      expect(batched.json()).toMatchObject({ accepted: 2, ids: [idOf(first), idOf(first)] });
      expect(await keptBy(rig, as)).toBe(1);
    });

    test("refuses another event, alone and in a batch, which keeps the others", async () => {
      const { rig, other, as } = await start();
      const reason = "was used for another event within the last 24 hours";
      await rig.ask({ as, path: "/v1/events", body: { type: "a", idempotency_key: "one" } });
      const body = { type: "b", idempotency_key: "one" };
      expect(await refusal(other, { as, path: "/v1/events", body })).toMatchObject({
        code: "HG_EVENT_INVALID",
        errors: [{ pointer: "#/idempotency_key", detail: reason }],
      });
      const { json } = await batch(other, as, [{ type: "a" }, body, { type: "c" }]);
      expect(json()).toMatchObject({ accepted: 2, rejections: [{ index: 1, field: "idempotency_key", reason }] });
      expect(await keptBy(rig, as)).toBe(3);
    });

    test("counts within a batch too: the first one is kept, the same again is it, another is rejected", async () => {
      const { rig, as } = await start();
      const [event, another] = [
        { type: "a", idempotency_key: "k" },
        { type: "b", idempotency_key: "k" },
      ];
      const { json } = await batch(rig, as, [event, { type: "c" }, event, another, event]);
      const { ids, rejections } = json<ShownBatch>();
      expect([ids[0] === ids[2], ids[0] === ids[3], new Set(ids).size]).toEqual([true, true, 2]);
      expect(rejections).toEqual([{ index: 3, field: "idempotency_key", reason: expect.any(String) }]);
      expect(await keptBy(rig, as)).toBe(2);
    });

    test("is the account's, and is forgotten after 24 hours", async () => {
      const { rig, other, as } = await start();
      const stranger = await rig.caller("Bob");
      const body = { type: "a", idempotency_key: "one" };
      await rig.ask({ as, path: "/v1/events", body });
      const theirs = await other.ask({ as: stranger, path: "/v1/events", body });
      expect([theirs.status, isReplayed(theirs)]).toEqual([200, false]);
      rig.time.now += DAY_MS - 1;
      expect(isReplayed(await other.ask({ as, path: "/v1/events", body }))).toBe(true);
      rig.time.now += 1;
      const anew = await other.ask({ as, path: "/v1/events", body: { ...body, type: "b" } });
      expect([anew.status, isReplayed(anew)]).toEqual([200, false]);
    });

    test("is kept once, however many batches bring it at the same time, and each is told the same", async () => {
      const { rigs, rig, as } = await start();
      const all = Array.from({ length: 30 }, (_, index) => rigs[index % rigs.length] as Rig);
      const answers = await Promise.all(
        all.map((by, index) =>
          batch(by, as, [
            { type: "own", metadata: { index } },
            { type: "a", idempotency_key: "x" },
            { type: "b", idempotency_key: `y${index % 3}` },
          ]),
        ),
      );
      const reports = answers.map((answer) => answer.json<ShownBatch>());
      expect(reports.map(({ accepted }) => accepted)).toEqual(all.map(() => 3));
      expect(new Set(reports.map(({ ids }) => ids[1])).size).toBe(1);
      expect(new Set(reports.map(({ ids }) => ids[2])).size).toBe(3);
      expect(await keptBy(rig, as)).toBe(all.length + 1 + 3);
    });

    test("goes together with the request's", async () => {
      const { rig, as } = await start();
      const body = { type: "a", idempotency_key: "own" };
      const first = await rig.ask({ as, path: "/v1/events", body });
      const second = await single(rig, as, "request", body);
      const third = await single(rig, as, "request", body);
      expect([idOf(second), idOf(third)]).toEqual([idOf(first), idOf(first)]);
      expect(problemOf(await single(rig, as, "request", { type: "a" }))).toMatchObject(REUSE);
      expect(await keptBy(rig, as)).toBe(1);
    });
  });

  test("where the event that a key stands for is past its retention, the answer says so", async () => {
    const { rig, as } = await start();
    const own = { type: "a", idempotency_key: "own" };
    await single(rig, as, "one", { type: "a" });
    await rig.ask({ as, path: "/v1/events", body: own });
    rig.policy = { ...rig.policy, retention: { defaultMs: HOUR_MS, plans: new Map() } };
    rig.time.now += 2 * HOUR_MS;
    rig.tick();
    await rig.api.settled();
    expect(problemOf(await single(rig, as, "one", { type: "a" }))).toMatchObject({ code: "HG_EVENT_UNKNOWN" });
    expect(await refusal(rig, { as, path: "/v1/events", body: own })).toMatchObject({ code: "HG_EVENT_UNKNOWN" });
  });
});

test.each(["", "x".repeat(256), "a b", "é", "a\u007f"])(
  "%j is no Idempotency-Key, and nothing is kept",
  async (key) => {
    const rig = await openRig();
    const as = await rig.caller("Ada");
    const headers = { "idempotency-key": key };
    for (const path of ["/v1/events", "/v1/events/batch"]) {
      const body = path.endsWith("h") ? { events: [{ type: "a" }] } : { type: "a" };
      expect(await refusal(rig, { as, path, headers, body })).toMatchObject({
        status: 400,
        code: "HG_EVENTS_IDEMPOTENCY_KEY",
      });
    }
  },
);

test("a key of 255 characters is taken", async () => {
  const rig = await openRig();
  const as = await rig.caller("Ada");
  const headers = { "idempotency-key": "~".repeat(255) };
  expect((await rig.ask({ as, path: "/v1/events", headers, body: { type: "a" } })).status).toBe(200);
});

// A claim that outlives the write it is about makes a retry be told of an event that was never kept.
test("a key is taken with its event or not at all", async () => {
  const rig = await openRig();
  const as = await rig.caller("Ada");
  const execute = (sql: string) => rig.storage.write([{ sql, parameters: [] }]);
  await execute(
    "create trigger breaking before insert on events when new.type = 'broken' begin select raise(abort, 'no'); end",
  );
  const headers = { "idempotency-key": "one" };
  const own = { type: "broken", idempotency_key: "own" };
  const asked = [
    { as, path: "/v1/events", headers, body: own },
    { as, path: "/v1/events/batch", headers, body: { events: [{ type: "a" }, own] } },
  ];
  for (const request of asked) {
    expect(await refusal(rig, request)).toMatchObject({ status: 500, code: "HG_EVENTS_FAILED" });
  }
  expect(rig.log.map(({ event }) => event)).toEqual(["events-failed", "events-failed"]);
  await execute("drop trigger breaking");
  const kept = await rig.ask(asked[1] as (typeof asked)[0]);
  expect([kept.status, isReplayedHeader(kept), kept.json()]).toMatchObject([200, undefined, { accepted: 2 }]);
  expect(await keptBy(rig, as)).toBe(2);
});

// The other way around: where the key turns out to be taken, nothing of the batch beside it is kept.
test("of those that come at once, whoever loses the key keeps none of its events", async () => {
  const rig = await openRig();
  const as = await rig.caller("Ada");
  const headers = { "idempotency-key": "one" };
  const events = Array.from({ length: 100 }, () => ({ type: "a" }));
  const send = (path: string, body: unknown) => rig.ask({ as, path, headers, body });
  const answers = await Promise.all([
    send("/v1/events/batch", { events }),
    send("/v1/events/batch", { events: events.slice(1) }),
    send("/v1/events", { type: "a" }),
    rig.ask({ as, path: "/v1/events", body: { type: "b" } }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 422, 422, 200]);
  expect(await keptBy(rig, as)).toBe(101);
});

function isReplayedHeader({ headers }: Answer): string | undefined {
  return headers["idempotent-replayed"];
}
