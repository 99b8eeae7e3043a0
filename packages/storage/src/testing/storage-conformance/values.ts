import { createHash } from "node:crypto";
import type { TestRunner } from "@headgate/core/testing";
import { sql } from "kysely";
import { add, inEmptyStorage, settings, statement } from "./settings.ts";
import type { MakePlace } from "./storage-conformance.ts";

const TEXTS: Readonly<Record<string, string>> = {
  empty: "",
  quotes: `'"\`; drop table settings; --`,
  placeholders: "? $1 :name @p %s \\",
  unicode: "Grüße, 世界, 🇺🇳 👩‍👩‍👧, e\u0301 is not \u00e9, \u202eback, \ufeffmark",
  controls: `${Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code))
    .slice(1)
    .join("")}\u007f\u0085`,
  edges: "\ud7ff\ue000\uffff\u{10000}\u{10ffff}",
  long: "0123456789abcdef".repeat(65_536),
};

/** What goes in comes out. */
export function testValues({ test, expect }: TestRunner, makePlace: MakePlace): void {
  test("any text without NUL comes back as it was given", () =>
    inEmptyStorage(makePlace, async (storage) => {
      await storage.write(Object.entries(TEXTS).map(([name, text]) => add(storage, name, text)));
      expect(await settings(storage)).toEqual(TEXTS);
    }));

  test("whole numbers to 2^53 and null come back as they were given, and big integers as numbers", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const numbers = [0, 1, -1, 2 ** 31, 1_700_000_000_000, Number.MAX_SAFE_INTEGER, 12n, null];
      const row = (index: number) => ({
        id: `key_${index}`,
        account_id: "acc_1",
        name: null,
        start: "",
        secret_hash: `${index}`,
        previous_hash: null,
        previous_until: null,
        scopes: "[]",
        expires_at: numbers[index] as number | null,
        revoked_at: null,
        version: 1,
        created_at: Number.MIN_SAFE_INTEGER,
        updated_at: 0,
      });
      const account = { id: "acc_1", name: "A", name_key: "a", plan: null, version: 1, created_at: 0, updated_at: 0 };
      await storage.write([
        statement(storage.build.insertInto("accounts").values(account).compile()),
        ...numbers.map((_, index) => statement(storage.build.insertInto("api_keys").values(row(index)).compile())),
      ]);
      const rows = await storage.read(storage.build.selectFrom("api_keys").selectAll().orderBy("id").compile());
      expect(rows.map((found) => found.expires_at)).toEqual(
        numbers.map((n) => (typeof n === "bigint" ? Number(n) : n)),
      );
      expect(rows[0]?.created_at).toEqual(Number.MIN_SAFE_INTEGER);
    }));

  test("fractions come back as they were given", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const override = {
        subject_type: "account",
        subject_id: "a",
        limit_name: "l",
        quota: null,
        is_unlimited: 0,
      } as const;
      const rest = { expires_at: null, reason: null, version: 1, created_at: 0, updated_at: 0 };
      const factors = [0.1, 1.5, 2, 1e-9, 123_456_789.123];
      await storage.write(
        factors.map((factor, index) => {
          const values = { ...override, ...rest, id: `ovr_${index}`, limit_name: `${index}`, factor };
          return statement(storage.build.insertInto("overrides").values(values).compile());
        }),
      );
      const rows = await storage.read(storage.build.selectFrom("overrides").select("factor").orderBy("id").compile());
      expect(rows.map(({ factor }) => factor)).toEqual(factors);
    }));

  test("a whole number that is made text has no fraction, and counts and sums are numbers", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const made = await storage.write([
        statement(sql`select 'n' || cast(${5} as text) as made`.compile(storage.build)),
      ]);
      expect(made.results[0]?.rows).toEqual([{ made: "n5" }]);
      const counted = sql`select count(*) as counted, sum(seq) as summed from audit_head`.compile(storage.build);
      expect(await storage.read(counted)).toEqual([{ counted: 1, summed: 0 }]);
    }));

  test("headgate_sha256 gives SHA-256 of UTF-8 in hex, to writes and to reads", () =>
    inEmptyStorage(makePlace, async (storage) => {
      for (const text of [TEXTS.empty, TEXTS.unicode, TEXTS.quotes, TEXTS.long]) {
        const query = sql`select headgate_sha256(${text}) as hash`.compile(storage.build);
        const hash = createHash("sha256")
          .update(text ?? "")
          .digest("hex");
        expect((await storage.write([statement(query)])).results[0]?.rows).toEqual([{ hash }]);
        expect(await storage.read(query)).toEqual([{ hash }]);
      }
    }));

  test("text is in the order of its bytes", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const names = ["", "A", "B", "Z", "_", "a", "aB", "ab", "b", "z", "é", "ｚ", "🙂"];
      await storage.write(names.toReversed().map((name) => add(storage, name)));
      expect(Object.keys(await settings(storage))).toEqual(names);
    }));
}
