import { type Awaitable, NOT_CHARGED, type Store } from "../../store.ts";
import type { TestRunner } from "../test-runner.ts";
import { chargeOf, claimOn, MINUTE, START, used } from "./claims.ts";

/** A charge goes back to the window it was taken from, or nowhere. */
export function testRefunds({ test, expect }: TestRunner, makeStore: () => Awaitable<Store>): void {
  for (const algorithm of ["fixed-window", "sliding-window", "token-bucket"] as const) {
    test(`${algorithm}: a charge given back at once is as if it had never been`, async () => {
      const store = await makeStore();
      const claim = claimOn({ algorithm, align: "clock" }, 4);
      await store.consume([claim], START);
      const charge = chargeOf(claim, await store.consume([claim], START));
      expect(used(await store.refund([charge], START))).toEqual([4]);
      expect(used(await store.peek([claim], START))).toEqual([4]);
    });

    test(`${algorithm}: a charge given back two windows later changes nothing`, async () => {
      const store = await makeStore();
      const claim = claimOn({ algorithm, align: "clock" }, 4);
      const late = chargeOf(claim, await store.consume([claim], START));
      const now = START + 2 * MINUTE;
      await store.consume([claim], now);
      expect(used(await store.refund([late], now))).toEqual([4]);
    });

    test(`${algorithm}: what was never charged cannot be given back`, async () => {
      const store = await makeStore();
      const claim = claimOn({ algorithm }, 4);
      await store.consume([claim], START);
      expect(used(await store.refund([{ claim, ticket: NOT_CHARGED }], START))).toEqual([4]);
    });
  }

  test("fixed-window: a charge is given back until its window ends, and not at its end", async () => {
    const store = await makeStore();
    const claim = claimOn({}, 4);
    const first = chargeOf(claim, await store.consume([claim], START));
    const second = chargeOf(claim, await store.consume([claim], START));
    expect(used(await store.refund([first], START + MINUTE - 1))).toEqual([4]);
    await store.consume([claim], START + MINUTE);
    expect(used(await store.refund([second], START + MINUTE))).toEqual([4]);
  });

  test("sliding-window: a charge of the previous window is given back to the previous window", async () => {
    const store = await makeStore();
    const claim = claimOn({ algorithm: "sliding-window" }, 4);
    const edge = START - (START % MINUTE) + MINUTE;
    const charge = chargeOf(claim, await store.consume([claim], START));
    expect(used(await store.consume([claim], edge + MINUTE / 2))).toEqual([6]);
    expect(used(await store.refund([charge], edge + MINUTE / 2))).toEqual([4]);
  });

  test("several charges are given back in one call, each to its own limit", async () => {
    const store = await makeStore();
    const claims = [claimOn({}, 2), claimOn({}, 3)];
    const verdicts = await store.consume(claims, START);
    const charges = claims.map((claim, i) => chargeOf(claim, verdicts.slice(i)));
    expect(used(await store.refund(charges, START))).toEqual([0, 0]);
  });
}
