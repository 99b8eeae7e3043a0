import type { Identity } from "@headgate/control";
import { startPostgres } from "@headgate/storage/testing";
import fc from "fast-check";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { ShownEvent, ShownList } from "../ingest/kept.ts";
import { openRig, type Rig, START } from "../rig.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

interface Filter {
  readonly type?: string;
  readonly actor?: string;
  readonly target?: string;
  readonly from?: string;
  readonly to?: string;
  readonly text?: string;
}

const engines = [
  { engine: "SQLite", databaseUrl: async () => undefined },
  { engine: "PostgreSQL", databaseUrl: async () => postgres?.createDatabase() },
];

describe.each(engines.slice(0, postgres ? 2 : 1))("on $engine", ({ databaseUrl }) => {
  async function start(events: readonly object[]): Promise<{ rig: Rig; as: Identity }> {
    const rig = await openRig({ databaseUrl: await databaseUrl() });
    const as = await rig.caller("Ada");
    if (events.length > 0) await rig.ask({ as, path: "/v1/events/batch", body: { events } });
    return { rig, as };
  }

  async function find(rig: Rig, as: Identity, filter: Filter): Promise<readonly ShownEvent[]> {
    const { status, json } = await rig.ask({ as, path: pathTo({ ...filter, limit: 100, order: "asc" }) });
    expect(status).toBe(200);
    return json<ShownList>().items;
  }

  test("a search finds what all its filters let through, and nothing else", async () => {
    const word = fc.constantFrom(
      "a",
      "A",
      "é",
      "É",
      "%",
      "_",
      "\\",
      "*",
      "a_b",
      "aXb",
      "ab",
      "Ab%",
      "'",
      '"',
      "😀",
      " ",
    );
    const type = fc.constantFrom("a.b", "A.b", "a_b", "aXb", "ab", "a.b.c", "b:c/d-e");
    const party = fc.option(fc.record({ id: word, name: word }));
    const second = fc.integer({ min: 0, max: 5 });
    const time = second.map((seconds) => START / 1000 - seconds);
    const event = fc.record({ type, actor: party, target: party, time, metadata: fc.dictionary(word, word) });
    const pattern = fc.array(fc.constantFrom("a", "A", "b", ".", "_", "%", "*", "\\"), { minLength: 1, maxLength: 4 });
    const filter: fc.Arbitrary<Filter> = fc.record(
      {
        type: fc.oneof(
          type,
          pattern.map((parts) => parts.join("")),
        ),
        actor: word,
        target: word,
        from: time.map(String),
        to: time.map((seconds) => new Date(seconds * 1000).toISOString()),
        text: word,
      },
      { requiredKeys: [] },
    );
    const { rig } = await start([]);
    let accounts = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 20, maxLength: 40 }),
        fc.array(filter, { minLength: 10, maxLength: 10 }),
        async (events, filters) => {
          const as = await rig.caller(`Ada ${accounts++}`);
          await rig.ask({ as, path: "/v1/events/batch", body: { events } });
          const all = await find(rig, as, {});
          expect(all).toHaveLength(events.length);
          for (const asked of filters) {
            const expected = all.filter((candidate) => matches(candidate, asked));
            expect([asked, await find(rig, as, asked)]).toEqual([asked, expected]);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  test("types and ids are found in the case in which they were written, texts in any case of ASCII letters", async () => {
    const { rig, as } = await start([
      { type: "User.Login", actor: { id: "Ada" }, metadata: { city: "ÖREBRO" } },
      { type: "user.login", actor: { id: "ada" }, metadata: { city: "Örebro" } },
    ]);
    const seqs = async (filter: Filter) => (await find(rig, as, filter)).map(({ seq }) => seq);
    expect(await seqs({ type: "User.*" })).toEqual([1]);
    expect(await seqs({ type: "user.*" })).toEqual([2]);
    expect(await seqs({ type: "*ogin" })).toEqual([1, 2]);
    expect(await seqs({ type: "user.login" })).toEqual([2]);
    expect(await seqs({ actor: "Ada" })).toEqual([1]);
    expect(await seqs({ text: "ADA" })).toEqual([1, 2]);
    expect(await seqs({ text: "Örebro" })).toEqual([1, 2]);
    expect(await seqs({ text: "örebro" })).toEqual([]);
  });

  test("wildcards take any characters and none; nothing else in a pattern stands for another", async () => {
    const types = ["a", "ab", "abc", "a.b", "a_b", "axb", "x:a/b"];
    const { rig, as } = await start(types.map((type) => ({ type })));
    const found = async (type: string) => (await find(rig, as, { type })).map((event) => event.type);
    expect(await found("*")).toEqual(types);
    expect(await found("**")).toEqual(types);
    expect(await found("a*")).toEqual(["a", "ab", "abc", "a.b", "a_b", "axb"]);
    expect(await found("a*b")).toEqual(["ab", "a.b", "a_b", "axb"]);
    expect(await found("*a*b*")).toEqual(["ab", "abc", "a.b", "a_b", "axb", "x:a/b"]);
    expect(await found("a_b")).toEqual(["a_b"]);
    expect(await found("a_*")).toEqual(["a_b"]);
    expect(await found("a%")).toEqual([]);
    expect(await found("a%*")).toEqual([]);
    expect(await found("\\*")).toEqual([]);
    expect(await found("*".repeat(200))).toEqual(types);
    expect(await found(`${"*a".repeat(99)}*c`)).toEqual([]);
  });

  test("metadata are searched as they were written", async () => {
    const { rig, as } = await start([]);
    await rig.ask({ as, path: "/v1/events", body: '{"type":"a","metadata":{"n":1.50,"s":"\\u00e9 \\"q\\""}}' });
    for (const [text, count] of [
      ["1.50", 1],
      ['"n":1', 1],
      ["\\u00e9", 1],
      ['\\"Q\\"', 1],
      ["é", 0],
      ["100%", 0],
      ["_", 0],
    ] as const) {
      expect([text, await find(rig, as, { text })]).toEqual([text, expect.objectContaining({ length: count })]);
    }
  });

  test("from and to include what happened at that very moment, in every spelling of it", async () => {
    const { rig, as } = await start([-2, -1, 0].map((ms) => ({ type: "a", time: (START + ms) / 1000 })));
    const seqs = async (filter: Filter) => (await find(rig, as, filter)).map(({ seq }) => seq);
    const moment = new Date(START - 1).toISOString();
    expect(await seqs({ from: moment })).toEqual([2, 3]);
    expect(await seqs({ to: moment })).toEqual([1, 2]);
    expect(await seqs({ from: moment, to: moment })).toEqual([2]);
    expect(await seqs({ from: ((START - 1) / 1000).toFixed(3) })).toEqual([2, 3]);
    expect(await seqs({ from: moment.replace("Z", "+00:00") })).toEqual([2, 3]);
    // As it is typed by hand, with the plus sign as it is, which is a blank in a query.
    const { json } = await rig.ask({ as, path: `/v1/events?from=${moment.replace("Z", "+00:00")}` });
    expect(json<ShownList>().items).toHaveLength(2);
    expect(await seqs({ from: "9998-01-01T00:00:00Z" })).toEqual([]);
    expect(await seqs({ from: moment, to: "1970-01-01T00:00:00Z" })).toEqual([]);
  });

  test.each([
    ["type=", "type"],
    [`type=${"a".repeat(201)}`, "type"],
    ["type=a&type=b", "type"],
    ["actor=%00", "actor"],
    ["text=a%00b", "text"],
    ["target=", "target"],
    ["from=", "from"],
    ["from=yesterday", "from"],
    ["from=2029-01-01T00:00:00", "from"],
    ["to=-1", "to"],
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=-1", "limit"],
    ["limit=1.5", "limit"],
    ["limit=1e1", "limit"],
    ["limit=", "limit"],
    ["limit=%201", "limit"],
    ["limit=99999999999999999999", "limit"],
    ["order=up", "order"],
    ["order=ASC", "order"],
    ["since=1", "since"],
    ["__proto__=1", "__proto__"],
    ["constructor=1", "constructor"],
    ["Limit=1", "Limit"],
  ])("?%s is refused, and the answer names the parameter", async (query, parameter) => {
    const { rig, as } = await shared();
    const { status, json } = await rig.ask({ as, path: `/v1/events?${query}` });
    expect([status, json()]).toMatchObject([400, { code: "HG_EVENTS_QUERY", errors: [{ parameter }] }]);
  });

  test("limits from 1 to 100 are taken, and 50 is what is given without one", async () => {
    const { rig, as } = await start(Array.from({ length: 100 }, () => ({ type: "a" })));
    await rig.ask({ as, path: "/v1/events", body: { type: "a" } });
    for (const [query, count] of [
      ["", 50],
      ["?limit=1", 1],
      ["?limit=100", 100],
      ["?limit=0007", 7],
      ["?", 50],
    ] as const) {
      const { items } = (await rig.ask({ as, path: `/v1/events${query}` })).json<ShownList>();
      expect([query, items.length]).toEqual([query, count]);
    }
  });

  let opened: Promise<{ rig: Rig; as: Identity }> | undefined;
  let close: (() => Promise<void>) | undefined;
  afterAll(() => close?.());

  /** One for all that is refused. */
  function shared(): Promise<{ rig: Rig; as: Identity }> {
    opened ??= (async () => {
      const rig = await openRig({ databaseUrl: await databaseUrl(), atEnd: (end) => (close = end) });
      return { rig, as: await rig.caller("Ada") };
    })();
    return opened;
  }
});

function pathTo(query: Readonly<Record<string, string | number>>): string {
  return `/v1/events?${new URLSearchParams(query as Record<string, string>)}`;
}

/** What the filter means, event by event. */
function matches(event: ShownEvent, { type, actor, target, from, to, text }: Filter): boolean {
  const parties = [event.actor, event.target] as ({ id: string; name: string } | null)[];
  const texts = [event.type, ...parties.flatMap((party) => [party?.id, party?.name]), JSON.stringify(event.metadata)];
  return (
    (type === undefined || patternOf(type).test(event.type)) &&
    (actor === undefined || parties[0]?.id === actor) &&
    (target === undefined || parties[1]?.id === target) &&
    (from === undefined || Date.parse(event.time) >= Number(from) * 1000) &&
    (to === undefined || Date.parse(event.time) <= Date.parse(to)) &&
    (text === undefined || texts.some((found) => found !== undefined && asciiLower(found).includes(asciiLower(text))))
  );
}

function patternOf(type: string): RegExp {
  return new RegExp(`^${type.split("*").map(escaped).join(".*")}$`);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\.]/g, "\\$&");
}

function asciiLower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

// Thirty searches of one account, of large events, kept everybody else's reads waiting for seconds.
test("the searches of one account are looked at in turn, and another account's reads come in between", async () => {
  const rig = await openRig();
  const [as, bob] = [await rig.caller("Ada"), await rig.caller("Bob")];
  for (const who of [as, bob]) await rig.ask({ as: who, path: "/v1/events", body: { type: "a" } });
  const read = rig.storage.read.bind(rig.storage);
  const [underWay, most] = [new Map<unknown, number>(), new Map<unknown, number>()];
  vi.spyOn(rig.storage, "read").mockImplementation(async (query) => {
    const [account] = query.parameters;
    underWay.set(account, (underWay.get(account) ?? 0) + 1);
    most.set(account, Math.max(most.get(account) ?? 0, underWay.get(account) ?? 0));
    const rows = await read(query);
    underWay.set(account, (underWay.get(account) ?? 0) - 1);
    return rows;
  });
  const search = (who: Identity) => rig.ask({ as: who, path: "/v1/events?text=zzz" });
  await Promise.all([...Array.from({ length: 10 }, () => search(as)), search(bob)]);
  expect([most.get(as.accountId), most.get(bob.accountId)]).toEqual([1, 1]);
});
