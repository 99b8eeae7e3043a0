import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { learn, newTally, noteRefused, noteSent, type Tally } from "../../src/pacing/tally.ts";
import type { KnownLimit } from "../../src/reading/reading.ts";

const T = 1_800_000_000_000;

function limit(remaining: number, resetAt?: number, more: Partial<KnownLimit> = {}): KnownLimit {
  return { name: "default", quota: 30, remaining, ...(resetAt !== undefined && { resetAt }), ...more };
}

/** A limit of which an answer at T + 20 said this, to a call sent at T. */
function tallyOf(remaining: number, resetAt?: number, more: Partial<KnownLimit> = {}): Tally {
  return newTally(limit(remaining, resetAt, more), T, T + 20);
}

describe("within a window", () => {
  test("answers in any order leave the least that any of them said", () => {
    const answers = fc.array(fc.integer({ min: -5, max: 29 }), { minLength: 1 });
    fc.assert(
      fc.property(answers, (said) => {
        const tally = tallyOf(said[0] as number, T + 10_000);
        // All were sent before the first answer came, so none knows more than another.
        for (const [i, remaining] of said.entries()) learn(tally, limit(remaining, T + 10_000), T + 1, T + 21 + i);
        expect(tally.remaining).toBe(Math.min(...said));
      }),
    );
  });

  test("a call sent after the least was said may say that there is more again", () => {
    const tally = tallyOf(3, T + 10_000);
    learn(tally, limit(5, T + 10_000), T + 20, T + 40);
    expect(tally.remaining).toBe(5);
  });

  test("ends that are told as waits come closer to the truth with each answer", () => {
    const tally = tallyOf(29, T + 10_020);
    learn(tally, limit(28, T + 9_700), T + 600, T + 700);
    learn(tally, limit(27, T + 10_100), T + 1_000, T + 1_100);
    expect(tally.endsAt).toBe(T + 9_700);
  });
});

describe("between windows", () => {
  test("an answer from the window before changes nothing", () => {
    const tally = tallyOf(0, T + 10_000);
    learn(tally, limit(28, T + 20_000), T + 10_010, T + 10_030);
    learn(tally, limit(0, T + 10_000), T + 9_990, T + 10_040);
    expect(tally).toMatchObject({ remaining: 28, endsAt: T + 20_000 });
  });

  test("a window that should be over lets one call go, and all when its answer says so", () => {
    const tally = tallyOf(0, T + 10_000);
    noteSent(tally, 0, T + 10_000);
    expect(tally).toMatchObject({ remaining: 1, isAssumed: true });
    learn(tally, limit(29, T + 20_010), T + 10_000, T + 10_040);
    expect(tally).toMatchObject({ remaining: 29, isAssumed: false });
  });

  test("what was left in the window before may go without asking, for it is allowed in either", () => {
    const tally = tallyOf(12, T + 10_000);
    noteSent(tally, 0, T + 10_000);
    expect(tally).toMatchObject({ remaining: 12, isAssumed: true });
  });

  test("an API whose windows turn out to end later than it says is believed a quarter of a second less each time", () => {
    const tally = tallyOf(0, T + 10_000);
    noteSent(tally, 0, T + 10_000);
    learn(tally, limit(0, T + 10_000), T + 10_000, T + 10_040);
    expect(tally.endsAt).toBe(T + 10_290);
    learn(tally, limit(29, T + 20_000), T + 10_300, T + 10_340);
    expect(tally.endsAt).toBe(T + 20_250);
  });

  test("who was refused may try when told, even if the quota is whole much later", () => {
    const tally = tallyOf(0, T + 300_000);
    noteRefused(tally, T + 60_000);
    expect(tally.endsAt).toBe(T + 60_000);
  });
});

describe("the end of a window", () => {
  test("is no later than its length after its first answer, though whole seconds make it look so", () => {
    const tally = newTally(limit(29, T + 11_000), T + 30, T + 60);
    expect(tally).toMatchObject({ windowMs: 10_000, endsAt: T + 10_060 });
  });

  test("is as told where the first call is not the first of its window", () => {
    expect(newTally(limit(20, T + 11_000), T + 30, T + 60).endsAt).toBe(T + 11_000);
  });

  test("is not concluded any more from a length that has turned out to be wrong", () => {
    // Windows that begin with the clock, of which the first seen was half over.
    const tally = newTally(limit(29, T + 6_000), T + 730, T + 760);
    expect(tally.endsAt).toBe(T + 5_760);
    noteSent(tally, 0, T + 5_760);
    learn(tally, limit(28, T + 6_000), T + 5_760, T + 5_790);
    expect(tally.endsAt).toBe(T + 6_000);
    learn(tally, limit(29, T + 16_000), T + 6_010, T + 6_040);
    expect(tally.endsAt).toBe(T + 16_000);
  });

  test("is a window after its first answer where the API says no more than what remains", () => {
    expect(tallyOf(99, undefined, { windowMs: 60_000 }).endsAt).toBe(T + 60_020);
    expect(tallyOf(99).endsAt).toBe(T + 60_020);
  });

  test("has passed, where nothing else tells, when more remains than did", () => {
    const tally = tallyOf(3, undefined, { windowMs: 60_000 });
    learn(tally, limit(29, undefined, { windowMs: 60_000 }), T + 31_000, T + 31_050);
    expect(tally).toMatchObject({ remaining: 29, endsAt: T + 91_050 });
  });

  test("is never waited for longer than a day without another look", () => {
    expect(tallyOf(0, T + 400 * 86_400_000).endsAt).toBe(T + 20 + 86_400_000);
  });
});

test("an API that tells only what remains has the most that ever remained for its quota", () => {
  const tally = newTally({ name: "default", remaining: 40, resetAt: T + 10_000 }, T, T + 20);
  learn(tally, { name: "default", remaining: 39, resetAt: T + 10_000 }, T + 30, T + 50);
  expect(tally).toMatchObject({ quota: 40, remaining: 39 });
});
