import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { AppendGroup } from "../../src/log/append-group.ts";
import { type ChainEnd, type EventContent, hashAfter } from "../../src/log/chain.ts";
import { START } from "../rig.ts";
import { eventAt } from "./open-context.ts";

const START_OF_CHAIN: ChainEnd = { seq: 0, hash: "0".repeat(64) };
const ELSEWHERE: ChainEnd = { seq: 7, hash: "7".repeat(64) };

/** The chain as it is documented, one event after the other. */
function naively(before: ChainEnd, events: readonly EventContent[]): object[] {
  let { seq, hash } = before;
  return events.map((event) => {
    seq += 1;
    hash = hashAfter(hash, seq, event);
    return { account_id: "acc_1", ...event, seq, hash };
  });
}

// What is known of the chain's end, and when, must not matter to what is written.
test("whatever was taken for granted and when, the rows go on from where the chain does end", () => {
  const submissions = array(integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 5 });
  const guess = constantFrom(undefined, START_OF_CHAIN, ELSEWHERE);
  const setting = record({ submissions, atFirst: guess, later: guess, laterAfter: integer({ min: 0, max: 5 }) });
  assert(
    property(
      setting,
      constantFrom(START_OF_CHAIN, ELSEWHERE),
      ({ submissions, atFirst, later, laterAfter }, before) => {
        const group = new AppendGroup("acc_1", atFirst);
        const all: EventContent[] = [];
        submissions.forEach((count, index) => {
          if (index === laterAfter && later) group.expect(later);
          const events = Array.from({ length: count }, (_, i) => eventAt(START, i));
          all.push(...events);
          group.add({ events, guard: [], resolve: () => {}, reject: () => {} });
        });
        const rows = group.rowsAfter(before);
        expect(rows).toEqual(naively(before, all));
        expect(group.end).toMatchObject(rows.at(-1) ? { seq: before.seq + all.length } : before);
        expect(group.eventCount).toBe(all.length);
      },
    ),
  );
});

test("each submission is told of its own rows", () => {
  const group = new AppendGroup("acc_1", undefined);
  const told: unknown[] = [];
  for (const count of [2, 0, 1]) {
    const events = Array.from({ length: count }, (_, i) => eventAt(START, i));
    group.add({ events, guard: [], resolve: (appended) => told.push(appended), reject: () => {} });
  }
  const rows = group.rowsAfter(START_OF_CHAIN);
  group.resolve();
  expect(told).toEqual([{ rows: rows.slice(0, 2) }, { rows: [] }, { rows: rows.slice(2) }]);
});
