import type { Identity } from "@headgate/control";
import { startPostgres } from "@headgate/storage/testing";
import { afterAll, describe, expect, test, vi } from "vitest";
import { problemOf, type ShownEvent, type ShownList } from "../ingest/kept.ts";
import { type Answer, openRig, type Rig } from "../rig.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

const HOUR_MS = 3_600_000;

const engines = [
  { engine: "SQLite", databaseUrl: async () => undefined, readsOfHead: 0 },
  { engine: "PostgreSQL", databaseUrl: async () => postgres?.createDatabase(), readsOfHead: 1 },
];

describe.each(engines.slice(0, postgres ? 2 : 1))("on $engine", ({ databaseUrl, readsOfHead }) => {
  async function start(count = 3): Promise<{ rig: Rig; as: Identity }> {
    const rig = await openRig({ databaseUrl: await databaseUrl() });
    const as = await rig.caller("Ada");
    for (let i = 0; i < count; i++) await rig.ask({ as, path: "/v1/events", body: { type: "a" } });
    return { rig, as };
  }

  const get = (rig: Rig, as: Identity, path: string, tag?: string): Promise<Answer> =>
    rig.ask({ as, path, ...(tag !== undefined && { headers: { "if-none-match": tag } }) });
  const tagOf = ({ headers }: Answer): string => {
    expect(headers.etag).toMatch(/^"[\w-]{22}"$/);
    return String(headers.etag);
  };

  test("a list is not sent again to whoever has its tag, and no event is read to find that out", async () => {
    const { rig, as } = await start();
    const { next_cursor } = (await get(rig, as, "/v1/events?limit=1")).json<ShownList>();
    for (const path of [
      "/v1/events",
      "/v1/events?type=a*&order=asc&limit=2",
      `/v1/events?limit=1&cursor=${next_cursor}`,
    ]) {
      const tag = tagOf(await get(rig, as, path));
      const read = vi.spyOn(rig.storage, "read");
      const again = await get(rig, as, path, tag);
      expect([again.status, again.text, again.headers.etag]).toEqual([304, "", tag]);
      expect(read).toHaveBeenCalledTimes(readsOfHead);
      for (const [{ sql }] of read.mock.calls) expect(sql).not.toContain('"events"');
      read.mockRestore();
    }
  });

  test("If-None-Match takes lists, weak tags and the asterisk, and nothing that only looks like the tag", async () => {
    const { rig, as } = await start();
    const event = `/v1/events/${(await get(rig, as, "/v1/events")).json<ShownList>().items[0]?.id}`;
    for (const path of ["/v1/events", event, "/openapi.json"]) {
      const tag = tagOf(await get(rig, as, path));
      for (const [given, status] of [
        [`W/${tag}`, 304],
        [`"other", ${tag}`, 304],
        [`"a,b" ,W/"c",  W/${tag} , "d"`, 304],
        ["*", 304],
        ["", 200],
        ['"other"', 200],
        [tag.slice(1, -1), 200],
        [tag.toUpperCase(), 200],
        [`${tag}x`, 200],
      ] as const) {
        expect([path, given, (await get(rig, as, path, given)).status]).toEqual([path, given, status]);
      }
      // A browser that is told to fetch anew asks caches on the way, not us.
      const headers = { "if-none-match": tag, "cache-control": "no-cache" };
      expect((await rig.ask({ as, path, headers })).status).toBe(304);
    }
  });

  test("a list's tag is another after every append, and for every other question and account", async () => {
    const { rig, as } = await start();
    const bob = await rig.caller("Bob");
    const tags: string[] = [];
    for (const path of [
      "/v1/events",
      "/v1/events?limit=49",
      "/v1/events?order=asc",
      "/v1/events?type=a",
      "/v1/events?actor=a",
      "/v1/events?target=a",
      "/v1/events?text=a",
      "/v1/events?from=1",
      "/v1/events?to=1",
    ]) {
      tags.push(tagOf(await get(rig, as, path)), tagOf(await get(rig, bob, path)));
    }
    const { next_cursor } = (await get(rig, as, "/v1/events?limit=1")).json<ShownList>();
    tags.push(tagOf(await get(rig, as, `/v1/events?limit=1&cursor=${next_cursor}`)));
    for (let i = 0; i < 3; i++) {
      await rig.ask({ as, path: "/v1/events", body: { type: "a" } });
      tags.push(tagOf(await get(rig, as, "/v1/events")));
    }
    expect(new Set(tags).size).toBe(tags.length);
    // Questions that differ in their words alone are the same.
    expect(tagOf(await get(rig, as, "/v1/events?order=desc&limit=50"))).toBe(tags.at(-1));
    expect(tagOf(await get(rig, bob, "/v1/events?from=1970-01-01T00:00:01Z"))).toBe(tags[15]);
  });

  test("another's append changes nothing for whoever has seen all of his own", async () => {
    const { rig, as } = await start();
    const bob = await rig.caller("Bob");
    const tag = tagOf(await get(rig, as, "/v1/events"));
    await rig.ask({ as: bob, path: "/v1/events", body: { type: "a" } });
    expect((await get(rig, as, "/v1/events", tag)).status).toBe(304);
  });

  test("a list's tag is another once retention has cut events off", async () => {
    const { rig, as } = await start();
    const tag = tagOf(await get(rig, as, "/v1/events"));
    rig.policy = { ...rig.policy, retention: { defaultMs: HOUR_MS, plans: new Map() } };
    rig.time.now += 2 * HOUR_MS;
    rig.tick();
    await rig.api.settled();
    const after = await get(rig, as, "/v1/events", tag);
    expect([after.status, after.json()]).toMatchObject([200, { items: [], next_cursor: null }]);
    await rig.ask({ as, path: "/v1/events", body: { type: "b" } });
    expect((await get(rig, as, "/v1/events")).json<ShownList>().items).toMatchObject([{ seq: 4, type: "b" }]);
  });

  test("an event is shown to its account alone, and its tag is of use to nobody else", async () => {
    const { rig, as } = await start(1);
    const bob = await rig.caller("Bob");
    const [{ id }] = (await get(rig, as, "/v1/events")).json<ShownList>().items as [ShownEvent];
    const shown = await get(rig, as, `/v1/events/${id}`);
    expect(shown.json()).toMatchObject({ id, seq: 1 });
    const read = vi.spyOn(rig.storage, "read");
    expect((await get(rig, as, `/v1/events/${id}`, tagOf(shown))).status).toBe(304);
    expect(read).not.toHaveBeenCalled();
    const unknown = { status: 404, code: "HG_EVENT_UNKNOWN" };
    for (const tag of [undefined, tagOf(shown), "*"]) {
      expect(problemOf(await get(rig, bob, `/v1/events/${id}`, tag))).toMatchObject(unknown);
    }
    const others = [
      `${id}0`,
      id.toUpperCase(),
      id.slice(4),
      id.replace("evt_", "msg_"),
      `evt_${"z".repeat(26)}`,
      "evt_",
    ];
    for (const other of [...others, "%00", "💥", "__proto__"]) {
      expect(problemOf(await get(rig, as, `/v1/events/${other}`, "*"))).toMatchObject(unknown);
    }
  });
});
