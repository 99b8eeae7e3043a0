import { expect, test } from "vitest";
import { Turns } from "../../src/query/turns.ts";

test("work of one name is done in turn, whatever becomes of it, and that of another beside it", async () => {
  const turns = new Turns();
  const steps: string[] = [];
  const work = (name: string, fails = false) =>
    turns.take(name.slice(0, 1), async () => {
      steps.push(`${name} begins`);
      await new Promise(setImmediate);
      steps.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const all = await Promise.allSettled([work("a1"), work("a2", true), work("b1"), work("a3")]);
  expect(all.map((one) => (one.status === "fulfilled" ? one.value : one.reason.message))).toEqual([
    "a1",
    "a2",
    "b1",
    "a3",
  ]);
  expect(steps.filter((step) => step.startsWith("a"))).toEqual(
    ["a1", "a2", "a3"].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
  expect(steps.indexOf("b1 begins")).toBeLessThan(steps.indexOf("a1 ends"));
  expect(await work("a4")).toBe("a4");
});
