import fc from "fast-check";
import { expect, test } from "vitest";
import { Disorder, MOST_HELD, type ReadRequest } from "../../src/log/disorder.ts";
import { NO_HEADERS } from "../../src/logged-request.ts";

function read(time: number, line: number): ReadRequest {
  return { request: { time, method: "GET", target: "/", headers: NO_HEADERS }, line };
}

function ordered(times: readonly number[]): ReadRequest[] {
  const disorder = new Disorder();
  const given = times.flatMap((time, i) => disorder.take(read(time, i + 1)));
  return [...given, ...disorder.end()];
}

test("requests are given in the order of their times, and of equal times in that of their lines", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 })), (times) => {
      const expected = times.map((time, i) => read(time, i + 1)).toSorted((a, b) => a.request.time - b.request.time);
      expect(ordered(times)).toEqual(expected);
    }),
  );
});

test("requests of a long log find their places as long as no more than are held were before them", () => {
  const times = Array.from({ length: 5 * MOST_HELD }, (_, i) => i);
  const late = times.toSpliced(0, MOST_HELD, ...times.slice(1, MOST_HELD), 0);
  expect(ordered(late).map(({ request }) => request.time)).toEqual(times);
});
