import { setImmediate } from "node:timers/promises";
import type { Identity } from "@headgate/control";
import { startPostgres } from "@headgate/storage/testing";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { problemOf, type ShownList } from "../ingest/kept.ts";
import { openRig, type Rig } from "../rig.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

const engines = [
  { engine: "SQLite", open: async () => [await openRig()] },
  {
    engine: "two instances on PostgreSQL",
    open: async () => {
      const databaseUrl = await postgres?.createDatabase();
      return [await openRig({ databaseUrl }), await openRig({ databaseUrl })];
    },
  },
];

async function page(rig: Rig, as: Identity, query: string, cursor: string | null = null): Promise<ShownList> {
  const path = `/v1/events?${query}${cursor === null ? "" : `&cursor=${cursor}`}`;
  const { status, text, json } = await rig.ask({ as, path });
  expect([status, text]).toEqual([200, text]);
  return json<ShownList>();
}

describe.each(engines.slice(0, postgres ? 2 : 1))("on $engine", ({ open }) => {
  async function start(): Promise<{ rigs: readonly Rig[]; rig: Rig; other: Rig }> {
    const rigs = await open();
    const [rig, other = rig] = rigs as [Rig, Rig | undefined];
    return { rigs, rig, other };
  }

  // A cursor over times, or over numbers that are given out before the commit, skips for ever what is committed late.
  test("a reader that follows next_cursor while others write gets every event once, and in order", async () => {
    const { rigs, rig, other } = await start();
    let accounts = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom("", "&type=odd"),
        async (writers, limit, filter) => {
          const as = await rig.caller(`Ada ${accounts++}`);
          let isWriting = true;
          const sent: string[] = [];
          const writing = Promise.all(
            writers.map(async (batches, index) => {
              const by = rigs[index % rigs.length] as Rig;
              for (const size of batches) {
                const events = Array.from({ length: size }, (_, at) => ({ type: at % 2 === 0 ? "even" : "odd" }));
                const { ids } = (await by.ask({ as, path: "/v1/events/batch", body: { events } })).json<{
                  ids: string[];
                }>();
                sent.push(...ids.filter((_, at) => filter === "" || at % 2 === 1));
              }
            }),
          ).finally(() => {
            isWriting = false;
          });
          const read: { id: string; seq: number }[] = [];
          let cursor: string | null = null;
          for (let isLast = false; !isLast; ) {
            // What is committed before a page is asked for is on it, or on one after it.
            const wasWriting = isWriting;
            const { items, next_cursor, has_more }: ShownList = await page(
              read.length % 2 === 0 ? rig : other,
              as,
              `order=asc&limit=${limit}${filter}`,
              cursor,
            );
            read.push(...items);
            cursor = next_cursor;
            expect(cursor).not.toBeNull();
            isLast = !wasWriting && !has_more;
            // A page without rows is answered at once: without this nothing else would have its turn.
            await setImmediate();
          }
          await writing;
          expect(read.map(({ seq }) => seq)).toEqual(read.map(({ seq }) => seq).toSorted((a, b) => a - b));
          expect(read.map(({ id }) => id).toSorted()).toEqual(sent.toSorted());
        },
      ),
      { numRuns: 15 },
    );
  });

  test("the newest first, pages neither repeat nor miss what was there when the first one was asked for", async () => {
    const { rig, other } = await start();
    let accounts = 0;
    const add = (as: Identity, count: number) => {
      const events = Array.from({ length: count }, (_, index) => ({ type: index % 3 === 0 ? "third" : "other" }));
      return rig.ask({ as, path: "/v1/events/batch", body: { events } });
    };
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom("", "&type=third"),
        async (count, limit, filter) => {
          const as = await rig.caller(`Ada ${accounts++}`);
          await add(as, count);
          const seqs = Array.from({ length: count }, (_, index) => index + 1).reverse();
          const expected = filter === "" ? seqs : seqs.filter((seq) => seq % 3 === 1);
          const read: number[] = [];
          let cursor: string | null = null;
          do {
            const { items, next_cursor, has_more } = await page(other, as, `limit=${limit}${filter}`, cursor);
            expect(has_more).toBe(next_cursor !== null);
            read.push(...items.map(({ seq }) => seq));
            cursor = next_cursor;
            await add(as, 1);
          } while (cursor !== null);
          expect(read).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  });

  test("a cursor at the end of what there is goes on with what comes, on every instance", async () => {
    const { rig, other } = await start();
    const as = await rig.caller("Ada");
    const before = await page(rig, as, "order=asc");
    expect(before).toMatchObject({ items: [], has_more: false });
    await rig.ask({ as, path: "/v1/events", body: { type: "a" } });
    const after = await page(other, as, "order=asc", before.next_cursor);
    expect(after.items).toMatchObject([{ seq: 1, type: "a" }]);
    expect(await page(rig, as, "order=asc", after.next_cursor)).toMatchObject({ items: [], has_more: false });
    expect(await page(rig, as, "order=desc")).toMatchObject({
      items: [{ seq: 1 }],
      next_cursor: null,
      has_more: false,
    });
  });

  test("a cursor is of no use to another account, in another order, with other filters, or changed", async () => {
    const { rig, other } = await start();
    const [ada, bob] = [await rig.caller("Ada"), await rig.caller("Bob")];
    for (const as of [ada, bob]) {
      for (let i = 0; i < 3; i++) await rig.ask({ as, path: "/v1/events", body: { type: "a" } });
    }
    const { next_cursor: cursor } = await page(rig, ada, "limit=1&type=a");
    const refused = async (as: Identity, query: string): Promise<void> => {
      // Whoever has any tag for it gets no 304 either.
      for (const headers of [{}, { "if-none-match": "*" }]) {
        const answer = await other.ask({ as, path: `/v1/events?${query}`, headers });
        expect(problemOf(answer)).toMatchObject({
          status: 400,
          code: "HG_EVENTS_CURSOR",
          errors: [{ parameter: "cursor" }],
        });
      }
    };
    await refused(bob, `limit=1&type=a&cursor=${cursor}`);
    await refused(ada, `limit=1&type=a&order=asc&cursor=${cursor}`);
    await refused(ada, `limit=1&cursor=${cursor}`);
    await refused(ada, `limit=1&type=a*&cursor=${cursor}`);
    await refused(ada, `limit=1&type=a&actor=x&cursor=${cursor}`);
    await refused(ada, `limit=1&type=a&cursor=${cursor?.slice(0, -2)}`);
    await refused(ada, `type=a&cursor=${Buffer.from(`2.${"a".repeat(22)}`).toString("base64url")}`);
    for (const made of ["", "1", "evt_1", "%00", "😀", "../..", "a".repeat(8_000)])
      await refused(ada, `cursor=${made}`);
    // The page's size is not a part of the list: it may change from page to page.
    expect((await page(other, ada, "limit=2&type=a", cursor)).items).toMatchObject([{ seq: 2 }, { seq: 1 }]);
  });
});

test("a search for what is rare gives short pages, and empty ones, with where to go on from", async () => {
  const rig = await openRig();
  const as = await rig.caller("Ada");
  const rare = new Set([1, 150_000, 419_999]);
  await fill(rig, as, 420_000, rare);
  for (const order of ["asc", "desc"]) {
    const pages: number[][] = [];
    let cursor: string | null = null;
    for (let hasMore = true; hasMore; ) {
      const { items, next_cursor, has_more }: ShownList = await page(rig, as, `order=${order}&type=rare`, cursor);
      pages.push(items.map(({ seq }) => seq));
      cursor = next_cursor;
      hasMore = has_more;
    }
    expect(pages).toEqual(order === "asc" ? [[1, 150_000], [], [419_999]] : [[419_999], [150_000], [1]]);
  }
});

/** Events as if they had been sent: a transaction of its own for each would take minutes. */
async function fill(rig: Rig, { accountId }: Identity, count: number, rare: ReadonlySet<number>): Promise<void> {
  const sql =
    "with recursive numbers(seq) as (select 1 union all select seq + 1 from numbers where seq < ?) " +
    "insert into events (account_id, seq, id, type, time, received_at, hash) " +
    "select ?, seq, 'evt_' || printf('%026d', seq), " +
    `case when seq in (${[...rare].join()}) then 'rare' else 'usual' end, 0, 0, '${"0".repeat(64)}' from numbers`;
  await rig.storage.write([
    { sql, parameters: [count, accountId] },
    {
      sql: "insert into event_heads (account_id, seq, hash, pruned_seq, pruned_hash) values (?, ?, '', 0, '')",
      parameters: [accountId, count],
    },
  ]);
}
