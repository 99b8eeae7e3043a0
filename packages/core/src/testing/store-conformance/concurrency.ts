import type { Awaitable, Store } from "../../store.ts";
import type { TestRunner } from "../test-runner.ts";
import { admitted, chargeOf, claimOn, MINUTE, retryAfterMs, START, used, withLimit } from "./claims.ts";

/** Requests in flight: places that are taken and given back. */
export function testConcurrency({ test, expect }: TestRunner, makeStore: () => Awaitable<Store>): void {
  const inFlight = (quota: number) => claimOn({ algorithm: "concurrency", quota, holdMs: MINUTE });

  test("concurrency: as many as the quota are in flight, and a place given back is free at once", async () => {
    const store = await makeStore();
    const claim = inFlight(2);
    const first = chargeOf(claim, await store.consume([claim], START));
    await store.consume([claim], START);
    expect(admitted(await store.consume([claim], START))).toEqual([false]);
    expect(used(await store.refund([first], START))).toEqual([1]);
    expect(admitted(await store.consume([claim], START))).toEqual([true]);
  });

  test("concurrency: a place given back twice is given back once", async () => {
    const store = await makeStore();
    const claim = inFlight(3);
    const first = chargeOf(claim, await store.consume([claim], START));
    await store.consume([claim], START);
    await store.refund([first], START);
    expect(used(await store.refund([first], START))).toEqual([1]);
    expect(used(await store.consume([claim], START))).toEqual([2]);
    expect(used(await store.refund([first], START))).toEqual([2]);
  });

  test("concurrency: a holder that never reports back loses its place after the hold", async () => {
    const store = await makeStore();
    const claim = inFlight(1);
    const lost = chargeOf(claim, await store.consume([claim], START));
    expect(retryAfterMs(await store.consume([claim], START + 1_000))).toEqual([MINUTE - 1_000]);
    expect(admitted(await store.peek([claim], START + MINUTE - 1))).toEqual([false]);
    expect(admitted(await store.consume([claim], START + MINUTE))).toEqual([true]);
    expect(used(await store.refund([lost], START + MINUTE))).toEqual([1]);
  });

  test("concurrency: a lowered quota lets nobody in until enough have left", async () => {
    const store = await makeStore();
    const claim = inFlight(3);
    const charges = [];
    for (let i = 0; i < 3; i++) charges.push(chargeOf(claim, await store.consume([claim], START + i)));
    const lowered = withLimit(claim, { quota: 2 });
    expect(retryAfterMs(await store.consume([lowered], START + 3))).toEqual([MINUTE - 2]);
    await store.refund(charges.slice(0, 2), START + 3);
    expect(admitted(await store.consume([lowered], START + 3))).toEqual([true]);
  });
}
