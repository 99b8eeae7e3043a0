import { expect, test } from "vitest";
import type { Sent } from "../../src/pacing/gate.ts";
import { type Origin, ReusedPass } from "../../src/pacing/reused-pass.ts";
import { Skew } from "../../src/reading/skew.ts";

/** A pass, and what its gate was told. */
function passWithLog() {
  const log: Parameters<Origin["arrived"]>[] = [];
  return { pass: new ReusedPass({ skew: new Skew(), arrived: (...over) => void log.push(over) }), log };
}

/** A call that leaves with what it is told, as calls do, and says which one it was. */
function callNamed(name: string): Sent {
  return {
    answered: (pass, response) => {
      pass.leave();
      response.headers.set("name", name);
      return response;
    },
    failed: (pass, error) => {
      pass.leave();
      throw new Error(`${name}: ${error}`);
    },
  };
}

test("a pass is left once each time it is given", () => {
  const { pass, log } = passWithLog();
  pass.leave();
  expect(log).toEqual([]);
  pass.give(1, 0, undefined);
  pass.leave(undefined, 2);
  pass.leave(undefined, 3);
  pass.give(4, 0, undefined);
  pass.leave(undefined, 5);
  expect(log.map(([, sentAt, , now]) => [sentAt, now])).toEqual([
    [1, 2],
    [4, 5],
  ]);
});

test("whoever has it hears of its own answer, or failure, and of nobody else's", async () => {
  const { pass } = passWithLog();
  for (const name of ["one", "two"]) {
    pass.give(1, 0, undefined);
    const response = await pass.follow(Promise.resolve(new Response()), callNamed(name));
    expect(response.headers.get("name")).toBe(name);
  }
  pass.give(1, 0, undefined);
  await expect(pass.follow(Promise.reject("lost"), callNamed("three"))).rejects.toThrow("three: lost");
});

test("a promise that settles twice, as those of some libraries do, is heard once", async () => {
  const { pass, log } = passWithLog();
  const twice = {
    // biome-ignore lint/suspicious/noThenProperty: that is what it is about.
    then: (answered: (response: Response) => void, failed: (error: unknown) => void) => {
      answered(new Response());
      failed("and yet");
      answered(new Response());
    },
  };
  pass.give(1, 0, undefined);
  const response = await pass.follow(twice as unknown as Promise<Response>, callNamed("one"));
  expect(response.headers.get("name")).toBe("one");
  expect(log).toHaveLength(1);
});
