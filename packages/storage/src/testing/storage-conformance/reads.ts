import type { TestRunner } from "@headgate/core/testing";
import { sql } from "kysely";
import { add, inEmptyStorage, rejection, settings } from "./settings.ts";
import type { MakePlace } from "./storage-conformance.ts";

/** Reads see what was answered. */
export function testReads({ test, expect }: TestRunner, makePlace: MakePlace): void {
  test("a read sees every write that was answered before it", () =>
    inEmptyStorage(makePlace, async (storage) => {
      for (let i = 0; i < 20; i++) {
        await storage.write([add(storage, `${i}`)]);
        expect(Object.keys(await settings(storage)).length).toEqual(i + 1);
      }
    }));

  test("rows are objects by column, none where nothing is found", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const query = storage.build.selectFrom("settings").select(["value", "name as key"]).orderBy("name").compile();
      expect(await storage.read(query)).toEqual([]);
      await storage.write([add(storage, "a", "1"), add(storage, "b", "2")]);
      expect(await storage.read(query)).toEqual([
        { value: "1", key: "a" },
        { value: "2", key: "b" },
      ]);
    }));

  test("like tells capitals from small letters, and lower knows those of ASCII alone", () =>
    inEmptyStorage(makePlace, async (storage) => {
      await storage.write(["a", "A", "É"].map((name) => add(storage, name)));
      const { build } = storage;
      const like = build.selectFrom("settings").select("name").where("name", "like", "A%").compile();
      expect(await storage.read(like)).toEqual([{ name: "A" }]);
      const lower = build.selectFrom("settings").select(sql`lower(name)`.as("name")).orderBy("name").compile();
      expect((await storage.read(lower)).map(({ name }) => name)).toEqual(["a", "a", "É"]);
    }));

  test("a query that fails rejects, and the next one is answered", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const nonsense = sql`select * from nowhere`.compile(storage.build);
      expect(await rejection(storage.read(nonsense))).toEqual("HG_STORAGE_FAILED");
      expect(await settings(storage)).toEqual({});
    }));

  test("what is built runs only where it is passed to read or write", () =>
    inEmptyStorage(makePlace, async (storage) => {
      const failure = await storage.build
        .selectFrom("settings")
        .selectAll()
        .execute()
        .catch((error: Error) => error.message);
      expect(failure).toEqual("`build` only compiles: pass what it compiled to `read` or `write`");
    }));
}
