import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { defineLimit, HeadgateError } from "@headgate/core";
import { defineScript, GuardedLink, type Link } from "@headgate/redis";
import { describe, expect, onTestFinished, test } from "vitest";
import { ExactStore } from "../../src/exact/exact-store.ts";

const SCRIPT = defineScript("return ARGV[1]");
const OK = Buffer.from("ok");

interface Rig {
  readonly guarded: GuardedLink;
  /** How the next calls end, until it is changed. */
  answer: () => Promise<Buffer>;
  /** Ms, moved by hand. */
  now: number;
  /** Calls that have reached the link. */
  reached: number;
  readonly log: string[];
  /** What became of one call: `ok`, or the error's code. */
  call(): Promise<string>;
}

function startRig({ hasSlots = false, budgetMs = 3 } = {}): Rig {
  const link: Link = {
    hasSlots,
    slotOf: (key) => key.length,
    run: () => {
      rig.reached += 1;
      return rig.answer();
    },
    close: async () => {},
  };
  const log: string[] = [];
  const note = (event: string, fields: object): void => void log.push(`${event} ${JSON.stringify(fields)}`);
  const guarded = new GuardedLink(link, {
    budgetMs,
    clock: () => rig.now,
    log: { info: note, warn: note },
    random: () => 0,
  });
  const rig: Rig = {
    guarded,
    answer: async () => OK,
    now: 0,
    reached: 0,
    log,
    call: () => guarded.run(SCRIPT, ["key"], OK).then(String, ({ code, message }) => code ?? message),
  };
  return rig;
}

const never = (): Promise<Buffer> => new Promise(() => {});
const fail = (code: `HG_${string}`) => async (): Promise<Buffer> => {
  throw new HeadgateError(code, "it said no");
};

/** So many calls at once. */
const calls = (rig: Rig, count: number): Promise<string[]> => Promise.all(Array.from({ length: count }, rig.call));

describe("a guarded link", () => {
  test("passes on what the link says, and what it is", async () => {
    const rig = startRig({ hasSlots: true });
    expect(await rig.call()).toBe("ok");
    rig.answer = fail("HG_REDIS_REFUSED");
    expect(await rig.call()).toBe("HG_REDIS_REFUSED");
    expect([rig.guarded.hasSlots, rig.guarded.slotOf("abc")]).toEqual([true, 3]);
  });

  test("gives up a call that does not come back, whatever it brings later", async () => {
    const rig = startRig();
    const late = Promise.withResolvers<Buffer>();
    rig.answer = () => late.promise;
    expect(await rig.call()).toBe("HG_STORE_TIMEOUT");
    late.reject(new Error("too late to matter"));
    expect(rig.guarded.numbers).toEqual({ isUp: true, calls: 1, failures: { HG_STORE_TIMEOUT: 1 } });
  });

  test("fails at once while the store is away, finds out when it is back, and logs both once", async () => {
    const rig = startRig();
    rig.answer = never;
    expect(await calls(rig, 8)).toEqual(Array(8).fill("HG_STORE_TIMEOUT"));
    rig.now = 99;
    expect(await calls(rig, 3)).toEqual(Array(3).fill("HG_STORE_AWAY"));
    expect(rig.reached).toBe(8);
    expect(rig.guarded.numbers.isUp).toBe(false);

    rig.now = 100;
    expect((await calls(rig, 4)).toSorted()).toEqual([...Array(3).fill("HG_STORE_AWAY"), "HG_STORE_TIMEOUT"]);
    expect(rig.reached).toBe(9);

    rig.now = 300;
    rig.answer = async () => OK;
    expect((await calls(rig, 4)).toSorted()).toEqual([...Array(3).fill("HG_STORE_AWAY"), "ok"]);
    expect(await calls(rig, 4)).toEqual(Array(4).fill("ok"));
    expect(rig.log).toEqual([
      'store-failing {"reason":"HG_STORE_TIMEOUT the store did not answer within its budget of 3 ms"}',
      'store-recovered {"failedCalls":14,"forMs":300,"reason":"HG_STORE_TIMEOUT the store did not answer within its budget of 3 ms"}',
    ]);
    expect(rig.guarded.numbers).toEqual({
      isUp: true,
      calls: 23,
      failures: { HG_STORE_TIMEOUT: 9, HG_STORE_AWAY: 9 },
    });
  });

  test("says of a call that it did not let through what the store has failed with", async () => {
    const rig = startRig();
    rig.answer = fail("HG_REDIS_UNREACHABLE");
    await rig.call();
    await expect(rig.guarded.run(SCRIPT, ["key"], OK)).rejects.toMatchObject({
      code: "HG_STORE_AWAY",
      message: expect.stringContaining("HG_REDIS_UNREACHABLE it said no"),
      cause: { code: "HG_REDIS_UNREACHABLE" },
    });
  });

  test("does not give up a whole Cluster for one server that is gone", async () => {
    const rig = startRig({ hasSlots: true });
    rig.answer = fail("HG_REDIS_UNREACHABLE");
    expect(await calls(rig, 2)).toEqual(Array(2).fill("HG_REDIS_UNREACHABLE"));
    rig.answer = async () => OK;
    expect(await calls(rig, 10)).toEqual(Array(10).fill("ok"));
    expect(rig.log).toEqual([]);
  });

  test("counts what a link throws as a failure too", async () => {
    const rig = startRig();
    rig.answer = () => {
      throw new TypeError("not a link");
    };
    expect(await rig.call()).toBe("not a link");
    expect(rig.guarded.numbers.failures).toEqual({ unknown: 1 });
  });

  test("takes an answer that came in time, although this thread was too busy to read it", async () => {
    const rig = startRig({ budgetMs: 20 });
    const other = new Worker(
      "require('worker_threads').parentPort.on('message', () => require('worker_threads').parentPort.postMessage('answer'))",
      {
        eval: true,
      },
    );
    onTestFinished(async () => void (await other.terminate()));
    await once(other, "online");
    rig.answer = async () => {
      other.postMessage("question");
      const [answer] = await once(other, "message");
      return Buffer.from(answer);
    };
    await new Promise((resolve) => setImmediate(resolve));
    const answered = rig.call();
    // Longer than the budget. After immediates the loop goes on with timers, and only then looks what has arrived.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
    expect(await answered).toBe("answer");
  });
});

test("a store over a link that never answers rejects all of a tick within the budget, and then asks no more", async () => {
  const rig = startRig();
  rig.answer = never;
  const store = new ExactStore(rig.guarded);
  const limit = defineLimit({ name: "calls", quota: 10, windowMs: 1000 });
  const ask = (partition: string): Promise<string> =>
    store.consume([{ limit, partition, cost: 1 }], 0).then(String, ({ code }) => code);
  for (let tick = 0; tick < 5; tick++) {
    expect(await Promise.all(["a", "b", "c"].map(ask))).toEqual(Array(3).fill("HG_STORE_TIMEOUT"));
  }
  expect(await Promise.all(["a", "b", "c"].map(ask))).toEqual(Array(3).fill("HG_STORE_AWAY"));
  expect(rig.reached).toBe(5);
});
