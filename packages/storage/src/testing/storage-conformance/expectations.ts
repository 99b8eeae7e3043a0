import type { TestRunner } from "@headgate/core/testing";
import { add, addNew, append, inEmptyStorage, rejection, settings, statement } from "./settings.ts";
import type { MakePlace } from "./storage-conformance.ts";

/** A transaction is kept whole, or not at all. */
export function testExpectations({ test, expect }: TestRunner, makePlace: MakePlace): void {
  test("a transaction's statements are carried out in order, and each tells what it touched and returned", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const update = storage.build.updateTable("settings").set({ value: "3" }).returning(["name", "value"]);
      const commit = await storage.write([
        add(storage, "a", "1"),
        add(storage, "b", "2"),
        statement(update.where("name", "=", "a").compile()),
        statement(storage.build.selectFrom("settings").select("value").orderBy("name").compile()),
        statement(storage.build.deleteFrom("settings").compile()),
      ]);
      expect(commit).toEqual({
        unmet: undefined,
        results: [
          { changes: 1, rows: [] },
          { changes: 1, rows: [] },
          { changes: 1, rows: [{ name: "a", value: "3" }] },
          { changes: 0, rows: [{ value: "3" }, { value: "2" }] },
          { changes: 2, rows: [] },
        ],
      });
    }));

  test("a transaction of no statements is kept at once", () =>
    inEmptyStorage(makePlace, async (storage) => {
      expect(await storage.write([])).toEqual({ unmet: undefined, results: [] });
    }));

  test("an expectation that does not hold is named, the first of several, and nothing is changed", () =>
    inEmptyStorage(makePlace, async (storage) => {
      await storage.write([add(storage, "a")]);
      const commit = await storage.write([
        addNew(storage, "b"),
        addNew(storage, "a"),
        append(storage, "nowhere", "!"),
        addNew(storage, "c"),
      ]);
      expect(commit).toEqual({ unmet: "a-new", results: [] });
      expect(await settings(storage)).toEqual({ a: "" });
    }));

  test("an expectation of a query is about the rows that it finds", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const find = (name: string) => {
        const query = storage.build.selectFrom("settings").select("name").where("name", "=", name);
        return statement(query.compile(), { rows: 1, name: `${name}-there` });
      };
      expect((await storage.write([add(storage, "a"), find("a")])).unmet).toEqual(undefined);
      expect((await storage.write([add(storage, "b"), find("c")])).unmet).toEqual("c-there");
      expect(await settings(storage)).toEqual({ a: "" });
    }));

  test("a statement that fails rejects its transaction, and nothing of that is changed", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const nonsense = { sql: "insert into nowhere values (1)", parameters: [] };
      expect(await rejection(storage.write([add(storage, "a"), nonsense]))).toEqual("HG_STORAGE_FAILED");
      expect(await rejection(storage.write([add(storage, "b"), add(storage, "b")]))).toEqual("HG_STORAGE_FAILED");
      expect(await settings(storage)).toEqual({});
      expect(storage.health).toEqual({ isReachable: true });
    }));

  test("a statement that fails after an expectation that did not hold makes no difference", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const transaction = [append(storage, "nowhere", "!"), add(storage, "a"), add(storage, "a")];
      expect((await storage.write(transaction)).unmet).toEqual("nowhere-there");
    }));
}
