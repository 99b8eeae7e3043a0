import fc from "fast-check";
import { expect, test } from "vitest";
import { GatheredBody } from "../src/gathered-body.ts";

const part = fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes));

test("what has gathered is the parts, one after the other, and they stay as they were", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const before = Buffer.concat(parts);
      const body = new GatheredBody();
      for (const one of parts) body.push(one);
      expect(body.bytes).toBe(before.length);
      expect(body.whole().equals(before)).toBe(true);
      expect(Buffer.concat(parts).equals(before)).toBe(true);
    }),
  );
});
