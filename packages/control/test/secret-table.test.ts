import { hash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SecretTable } from "../src/secret-table.ts";

/** Hashes that begin alike want the same slot, as those of a very full table do. */
const hashes = Array.from({ length: 300 }, (_, i) => {
  const whole = hash("sha256", String(i), "base64");
  return i % 3 === 0 ? `AAAAAAAA${whole.slice(8)}` : whole;
});

const itemOf = (own: string) => ({ isKnownBy: (other: string) => other === own });

test("whatever is put in, replaced and taken out, a table finds what a Map would", () => {
  const step = fc.record({ isPut: fc.boolean(), pick: fc.nat(hashes.length - 1) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1_500 }), (steps) => {
      const table = new SecretTable();
      const map = new Map<string, object>();
      for (const { isPut, pick } of steps) {
        const hash = hashes[pick] as string;
        const item = itemOf(hash);
        if (isPut) {
          table.set(hash, item);
          map.set(hash, item);
        } else {
          table.delete(hash);
          map.delete(hash);
        }
      }
      for (const hash of hashes) expect(table.get(hash)).toBe(map.get(hash));
    }),
  );
});

test("a table keeps finding all there is as it grows", () => {
  const table = new SecretTable();
  const many = Array.from({ length: 20_000 }, (_, i) => hash("sha256", `${i}`, "base64"));
  const items = many.map(itemOf);
  many.forEach((hash, i) => {
    table.set(hash, items[i] as (typeof items)[number]);
  });
  expect(many.every((hash, i) => table.get(hash) === items[i])).toBe(true);
  for (const hash of many) table.delete(hash);
  expect(many.some((hash) => table.get(hash) !== undefined)).toBe(false);
});
