import fc from "fast-check";
import { expect, test } from "vitest";
import { COMBINED } from "../../src/log/access-fields.ts";
import { AccessLogFormat } from "../../src/log/access-log.ts";
import { CombinedFormat } from "../../src/log/combined.ts";
import type { LineFormat } from "../../src/log/line-format.ts";

const LINES = [
  '198.51.100.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.1" 200 2326 "https://e.example/" "curl/8"',
  '2001:db8::1 - - [10/Oct/2000:13:55:36 -0700] "POST /v1/events HTTP/1.0" 304 -',
  '- - - [10/Oct/2000:13:55:37 +0000] "M-SEARCH * HTTP/1.1" 099 0',
  '198.51.100.7, - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 2326',
  '10.0.0.1:80 x [y [10/Oct/2000:13:55:36 -0700] "GET /a\\x22 b HTTP/1.1" 200',
];
/** What lines are made of, and what they break by. */
const PIECES = [" ", '"', "[", "]", "-", ":", "\\", "\\x22", "0", "A", '" ', '] "', " [", "", "é"];

/** What a format makes of a line, but for the numbers of texts: which of them it keeps is its own affair. */
function asRead(format: LineFormat, bytes: Buffer, end: number): unknown {
  const read = format.read(bytes, 6, end);
  return typeof read === "string" ? read : { ...read, ipNumber: undefined, targetNumber: undefined };
}

test("lines in the combined format are read as field by field, whatever has happened to them", () => {
  const quick = new CombinedFormat();
  const plain = new AccessLogFormat(COMBINED, new Set());
  const edit = fc.record({ at: fc.nat({ max: 120 }), length: fc.nat({ max: 4 }), piece: fc.constantFrom(...PIECES) });
  fc.assert(
    fc.property(
      fc.constantFrom(...LINES),
      fc.array(edit, { maxLength: 3 }),
      fc.nat({ max: 140 }),
      (line, edits, cut) => {
        let text = line;
        for (const { at, length, piece } of edits) text = text.slice(0, at) + piece + text.slice(at + length);
        const bytes = Buffer.from(`before${text.slice(0, cut)}\nafter`, "latin1");
        const end = bytes.lastIndexOf("\n");
        expect(asRead(quick, bytes, end)).toEqual(asRead(plain, bytes, end));
      },
    ),
    { numRuns: 5_000 },
  );
});
