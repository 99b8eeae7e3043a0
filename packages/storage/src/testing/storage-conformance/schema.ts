import type { TestRunner } from "@headgate/core/testing";
import { inEmptyStorage, rejection, statement } from "./settings.ts";
import type { MakePlace } from "./storage-conformance.ts";

const CREATED = { version: 1, created_at: 0, updated_at: 0 };

/** What the tables themselves do not let happen. */
export function testSchema({ test, expect }: TestRunner, makePlace: MakePlace): void {
  test("a new database has an audit without entries", () =>
    inEmptyStorage(makePlace, async (storage) => {
      expect(await storage.read(storage.build.selectFrom("audit_head").selectAll().compile())).toEqual([
        { id: 1, seq: 0, hash: "0".repeat(64) },
      ]);
      expect(await storage.read(storage.build.selectFrom("audit").selectAll().compile())).toEqual([]);
    }));

  test("names of accounts are unique as they are compared", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const account = (id: string, name: string) =>
        statement(
          storage.build
            .insertInto("accounts")
            .values({ ...CREATED, id, name, name_key: name.toLowerCase(), plan: null })
            .compile(),
        );
      await storage.write([account("acc_1", "Acme")]);
      expect(await rejection(storage.write([account("acc_2", "ACME")]))).toEqual("HG_STORAGE_FAILED");
    }));

  test("a token needs its key, and its key an account", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const secret = { start: "", secret_hash: "h", scopes: "[]", revoked_at: null, account_id: "acc_none" };
      const noPrevious = { name: null, previous_hash: null, previous_until: null };
      const key = { ...CREATED, ...secret, ...noPrevious, id: "key_1", expires_at: null };
      const unbound = { kind: "access", actor: null, target: null } as const;
      const token = { ...CREATED, ...secret, ...unbound, id: "tok_1", key_id: "key_none", expires_at: 1 };
      const addKey = statement(storage.build.insertInto("api_keys").values(key).compile());
      const addToken = statement(storage.build.insertInto("tokens").values(token).compile());
      expect(await rejection(storage.write([addKey]))).toEqual("HG_STORAGE_FAILED");
      expect(await rejection(storage.write([addToken]))).toEqual("HG_STORAGE_FAILED");
    }));

  test("an override says one thing of a number, a factor, and unlimited", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const subject = { subject_type: "key", subject_id: "key_1", expires_at: null, reason: null } as const;
      const override = (id: string, change: { quota: number | null; factor: number | null; is_unlimited: 0 | 1 }) =>
        storage.write([
          statement(
            storage.build
              .insertInto("overrides")
              .values({ ...CREATED, ...subject, ...change, id, limit_name: id })
              .compile(),
          ),
        ]);
      for (const [index, change] of [
        { quota: null, factor: null, is_unlimited: 0 } as const,
        { quota: 5, factor: 2, is_unlimited: 0 } as const,
        { quota: 5, factor: null, is_unlimited: 1 } as const,
      ].entries()) {
        expect(await rejection(override(`bad${index}`, change))).toEqual("HG_STORAGE_FAILED");
      }
      expect((await override("good", { quota: 5, factor: null, is_unlimited: 0 })).unmet).toEqual(undefined);
    }));
}
