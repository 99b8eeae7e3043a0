import type { TestRunner } from "@headgate/core/testing";
import { add, addNew, append, inEmptyStorage, settings } from "./settings.ts";
import type { MakePlace } from "./storage-conformance.ts";

/** Transactions that share a commit are as if each had its own. */
export function testGrouping({ test, expect }: TestRunner, makePlace: MakePlace): void {
  test("of many transactions at once, each is answered for itself", () =>
    inEmptyStorage(makePlace, async (storage) => {
      await storage.write([add(storage, "taken")]);
      const kinds = ["kept", "unmet", "failing"] as const;
      const outcomes = await Promise.allSettled(
        Array.from({ length: 600 }, (_, index) => {
          const mine = add(storage, `setting ${index}`);
          const kind = kinds[index % kinds.length];
          if (kind === "unmet") return storage.write([mine, addNew(storage, "taken")]);
          return storage.write(kind === "failing" ? [mine, add(storage, "taken")] : [mine]);
        }),
      );
      outcomes.forEach((outcome, index) => {
        const seen = outcome.status === "rejected" ? "failing" : outcome.value.unmet === undefined ? "kept" : "unmet";
        expect(seen).toEqual(kinds[index % kinds.length]);
      });
      const kept = Array.from({ length: 200 }, (_, index) => `setting ${index * 3}`);
      expect(Object.keys(await settings(storage)).sort()).toEqual([...kept, "taken"].sort());
    }));

  test("transactions are carried out in the order in which they were given", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const letters = [..."in the order in which they were given"];
      await Promise.all([
        storage.write([add(storage, "text")]),
        ...letters.map((letter) => storage.write([append(storage, "text", letter)])),
      ]);
      expect(await settings(storage)).toEqual({ text: letters.join("") });
    }));

  test("of transactions that all want one name, one gets it", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const commits = await Promise.all(
        Array.from({ length: 50 }, (_, index) => storage.write([addNew(storage, "name", String(index))])),
      );
      expect(commits.filter(({ unmet }) => unmet === undefined).length).toEqual(1);
    }));

  test("a transaction may be of thousands of statements", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const statements = Array.from({ length: 3_000 }, (_, index) => add(storage, String(index)));
      expect((await storage.write(statements)).results.length).toEqual(3_000);
      expect(
        (await storage.write([...statements.map((_, i) => add(storage, `b${i}`)), addNew(storage, "7")])).unmet,
      ).toEqual("7-new");
      expect(Object.keys(await settings(storage)).length).toEqual(3_000);
    }));
}
