import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import type { Rehearsal } from "../../src/rehearsal.ts";
import { formatReport } from "../../src/report/text-report.ts";
import { HOSTILE, NOTHING, SAMPLE } from "./sample-rehearsal.ts";

const plain = (rehearsal: Rehearsal, columns = 100): string =>
  formatReport({ policy: "example.yaml", rehearsal }, { columns, colour: false });

describe("the report on a terminal", () => {
  test("begins with what it is of", () => {
    expect(plain(SAMPLE)).toMatch(
      /^Example API\n {2}Rehearsal of example\.yaml with 1,204,345 lines of access\.log\n {2}2026-01-05 00:00:00Z to 2026-01-05 23:59:59Z \(23h 59m\)\n/,
    );
    const files = ["-", "a", "b", "c", "d"];
    expect(plain({ ...SAMPLE, log: { ...SAMPLE.log, files } })).toContain(
      "lines of standard input, a, b and 2 other files\n",
    );
  });

  test("says first how many were refused, and for how long", () => {
    const text = plain(SAMPLE);
    expect(text).toMatch(/ {2}requests +1,204,331 {2}13\.9 a second, 14 lines left out\n/);
    expect(text).toMatch(/ {2}refused +6,111 {2}0\.51%, 6,000 over a quota, 111 too large\n/);
    expect(text).toMatch(/ {2}callers refused +14 {2}0\.41%, at least once\n/);
    expect(text).toMatch(/ {2}shut out for +4h 20m {2}all of them together, 120 times, 1h at the longest\n/);
  });

  test("says what its columns do not say by themselves, within a line of a terminal", () => {
    const [note = ""] = plain(SAMPLE).match(/^ {2}denied: .* binding: .*$/m) ?? [];
    expect(note.length).toBeGreaterThan(0);
    expect(note.length).toBeLessThanOrEqual(80);
  });

  test("has what was refused by limit, by caller and by endpoint", () => {
    const text = plain(SAMPLE);
    expect(text).toMatch(/ {2}writes +rate +240,112 +5,800 +2\.42% +5,750 +12\n/);
    expect(text).toMatch(/ {2}tighter-reads +shadow rate +900,000 +570 +0\.06% +— +4\n/);
    expect(text).toMatch(/ {2}ip 203\.0\.113\.9 +9,000 +400 +4\.44% +0 +10m +10m +writes, reads\n/);
    expect(text).toMatch(/ {2}\(all others\) +964,219 +963,858 +361 +0\.04%\n/);
  });

  test("names the faults of the log with their places, and what had to be assumed", () => {
    const text = plain(SAMPLE);
    expect(text).toContain("  14 lines could not be read, and are left out\n    access.log:812 no time in brackets\n");
    expect(text).toContain("  1 request earlier than the one before, and replayed at that one's time\n");
    expect(text).toContain("Notes\n  The log has no bodies");
  });

  test("calls a caller without an address so", () => {
    const [caller] = SAMPLE.callers;
    const nobody = { ...(caller as NonNullable<typeof caller>), kind: "ip", value: "" };
    expect(plain({ ...SAMPLE, callers: [nobody] })).toMatch(/^ {2}\(no ip\) +41,000 /m);
  });

  test("has twenty callers at most", () => {
    const [caller] = SAMPLE.callers;
    const callers = Array.from({ length: 30 }, () => caller as NonNullable<typeof caller>);
    expect(plain({ ...SAMPLE, callers }).match(/^ {2}api-key/gm)).toHaveLength(20);
  });

  test("has a chart no wider than the terminal", () => {
    const charts = plain(SAMPLE, 60).match(/^.*[▁▂▃▄▅▆▇█─].*$/gm) ?? [];
    expect(charts.length).toBeGreaterThan(4);
    expect(Math.max(...charts.map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  test("says the same with colours as without", () => {
    const coloured = formatReport({ policy: "example.yaml", rehearsal: SAMPLE }, { columns: 100, colour: true });
    expect(coloured).not.toBe(plain(SAMPLE));
    expect(stripVTControlCharacters(coloured)).toBe(plain(SAMPLE));
  });

  test("holds nothing of a log that could act on the terminal", () => {
    const text = plain(hostile(SAMPLE));
    expect(text).toContain("\\u{1b}[2J\\u{202e}");
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test("doubts times that would be of today as seconds, and are of 1970 as ms", () => {
    const [from, until] = [1_767_571_200, 1_767_571_799];
    expect(plain({ ...SAMPLE, from, until })).toContain("(599ms): epoch seconds, written where ms belong?\n");
    expect(plain({ ...SAMPLE, from: from * 1000, until: until * 1000 })).not.toContain("epoch seconds");
    expect(plain({ ...SAMPLE, from: 0, until: 60_000 })).not.toContain("epoch seconds");
  });

  test("of nothing at all warns, and has no zeros to be taken for good news", () => {
    const log = { ...NOTHING.log, faults: SAMPLE.log.faults };
    const text = plain({ ...NOTHING, log });
    expect(text).toContain(
      "  no requests\n\nNothing was rehearsed: no request could be read from access.log. This says nothing of the policy.\n" +
        "  14 lines could not be read, and are left out\n    access.log:812 no time in brackets\n",
    );
    expect(text).not.toMatch(/By limit|refused|NaN/);
  });
});

function hostile(rehearsal: Rehearsal): Rehearsal {
  return {
    ...rehearsal,
    title: HOSTILE,
    callers: rehearsal.callers.map((caller) => ({ ...caller, value: HOSTILE, refusedBy: { [HOSTILE]: 1 } })),
    endpoints: rehearsal.endpoints.map((endpoint) => ({ ...endpoint, endpoint: HOSTILE })),
    log: { ...rehearsal.log, files: [HOSTILE] },
  };
}
