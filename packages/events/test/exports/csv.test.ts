import type { EventRow } from "@headgate/storage";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CSV_HEADER, csvLines } from "../../src/exports/csv.ts";
import { eventAt } from "../log/open-context.ts";
import { START } from "../rig.ts";

const HASH = "0".repeat(64);

function rowWith(fields: Partial<EventRow>): EventRow {
  return { ...eventAt(START), account_id: "acc_a", seq: 7, hash: HASH, ...fields };
}

/** The cells of the only line, as RFC 4180 says. */
function cellsIn(line: string): string[] {
  const cells = line.slice(0, -2).matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"\r\n]*))/g);
  return [...cells].map(([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain);
}

/** How a cell is written, between its commas. */
function cell(actor_name: string): string {
  const plain = { id: "evt_a", type: "a", actor_id: "u", target_id: null, target_type: null, target_name: null };
  const line = csvLines([rowWith({ ...plain, metadata: null, actor_name })]);
  return line.slice(line.indexOf(",u,") + 3, line.lastIndexOf(",,,,,"));
}

describe("a CSV file of events", () => {
  test("begins with the columns' names, and ends every line with CR and LF", () => {
    expect(CSV_HEADER).toBe(
      "id,seq,type,time,received_at,actor_id,actor_name,target_id,target_type,target_name,metadata,hash\r\n",
    );
    const row = rowWith({ id: "evt_a", metadata: '{"a": "b,c"}', target_name: null });
    expect(csvLines([row, rowWith({ id: "evt_b", seq: 8 })]).split("\r\n")).toEqual([
      "evt_a,7,user.login,2029-12-31T23:59:59.000Z,2030-01-01T00:00:00.000Z,user_0,Ada 0,order_0,order,," +
        `"{""a"": ""b,c""}",${HASH}`,
      expect.stringMatching(/^evt_b,8,/),
      "",
    ]);
  });

  test.each([
    ["a, b", '"a, b"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\r\nlines", '"two\r\nlines"'],
    ["two\nlines", '"two\nlines"'],
    ["'quoted'", "'quoted'"],
    ["né 🙂", "né 🙂"],
    ["", ""],
  ])("writes %j as RFC 4180 says", (text, written) => {
    expect(cell(text)).toBe(written);
  });

  test.each([
    ["=1+1", "'=1+1"],
    ['=HYPERLINK("http://evil.test","x")', `"'=HYPERLINK(""http://evil.test"",""x"")"`],
    ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"],
    ["@SUM(1+1)*cmd|' /C calc'!A0", "'@SUM(1+1)*cmd|' /C calc'!A0"],
    ["\t=1+1", "'\t=1+1"],
    ["\r=1+1", `"'\r=1+1"`],
    ["\n=1+1", `"'\n=1+1"`],
    ["＝1+1", "'＝1+1"],
  ])("keeps a spreadsheet from taking %j for a formula", (text, written) => {
    expect(cell(text)).toBe(written);
  });

  test("gives every text back, but for the quote that keeps it a text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.string({ unit: fc.constantFrom(...'",\r\n =a') }),
        (name, other) => {
          const cells = cellsIn(csvLines([rowWith({ actor_name: name, target_name: other })]));
          const asText = (text: string): string => (/^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text);
          expect(cells).toHaveLength(12);
          expect([cells[6], cells[9]]).toEqual([asText(name), asText(other)]);
        },
      ),
    );
  });
});
