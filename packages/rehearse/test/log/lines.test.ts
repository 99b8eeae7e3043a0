import fc from "fast-check";
import { expect, test } from "vitest";
import { Intake } from "../../src/log/intake.ts";
import { KnownTexts } from "../../src/log/known-texts.ts";
import { Lines } from "../../src/log/lines.ts";
import { LogFaults } from "../../src/log/log-faults.ts";

test("lines are the same wherever chunks of the file end", () => {
  const line = fc.string({ unit: fc.constantFrom("a", "b", " ", "\r"), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 10 }), fc.array(fc.nat({ max: 60 })), (lines, cuts) => {
      const content = Buffer.from(lines.join("\n"));
      const read: string[] = [];
      const format = {
        read(bytes: Buffer, start: number, end: number) {
          read.push(bytes.toString("latin1", start, end));
          return "it is only looked at";
        },
      };
      const parser = new Lines(format, new Intake("log", new LogFaults(false)));
      const ends = [...cuts.filter((cut) => cut < content.length).toSorted((a, b) => a - b), content.length];
      let start = 0;
      for (const end of ends) {
        parser.take(content.subarray(start, end));
        start = end;
      }
      parser.end(false);
      const expected = lines.map((text) => text.replace(/\r$/, "")).filter((text) => /[^ \t]/.test(text));
      expect(read).toEqual(expected);
    }),
  );
});

test("texts by their bytes are what the bytes say, however many share a place", () => {
  const texts = new KnownTexts();
  const bytes = fc.uint8Array({ maxLength: 80 });
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 20 }), (values) => {
      for (const value of [...values, ...values]) {
        const buffer = Buffer.concat([Buffer.from("<"), value, Buffer.from(">")]);
        expect(texts.of(buffer, 1, buffer.length - 1)).toBe(Buffer.from(value).toString("latin1"));
      }
    }),
  );
});
