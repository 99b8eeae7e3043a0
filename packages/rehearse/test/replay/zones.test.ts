import { expect, test } from "vitest";
import { at, replayOf } from "./rehearsed.ts";

const POLICY = `
limits:
  - { name: each, per: ip, quota: 6, window: 1m }
  - { name: things, match: { path: "/things/**" }, per: ip, quota: 2, window: 1m }`;

/** A target of so many characters, with the query among them. */
function targetOf(path: string, length: number): string {
  return `${path}?q=`.padEnd(length, "x");
}

test.each([256, 257, 2_000])("targets of %i characters are decided as if each request were looked at", (length) => {
  const quick = replayOf(POLICY);
  const plain = replayOf(POLICY);
  const short = at(0);
  expect(quick.take(short)).toEqual(plain.take(short));
  const refusedFor = ["/things/1", "/things/2", "/things/1", "/a", "/b", "/c/../d", "/things/%31"].map((path, i) => {
    const logged = at(i, { target: targetOf(path, length) });
    const decided = quick.take(logged);
    // Headers of its own, which nobody looks at, keep it off the quick way.
    expect(JSON.stringify(decided)).toBe(JSON.stringify(plain.take({ ...logged, headers: {} })));
    return decided.refusedFor;
  });
  expect(refusedFor).toEqual([undefined, undefined, "limited", undefined, undefined, undefined, "limited"]);
});

test("requests of more methods than there are, are decided as if each were looked at", () => {
  const quick = replayOf(POLICY);
  const plain = replayOf(POLICY);
  const requests = Array.from({ length: 60 }, (_, i) =>
    at(i * 9_000, { method: `METHOD${i % 20}`, target: i % 3 === 0 ? "/things/1" : "/", targetNumber: 1 + (i % 3) }),
  );
  const refusedFor: (string | undefined)[] = [];
  quick.takeAll(requests, (decided) => refusedFor.push(decided.refusedFor));
  expect(refusedFor).toEqual(requests.map((request) => plain.take({ ...request, headers: {} }).refusedFor));
  expect(refusedFor).toContain("limited");
});
