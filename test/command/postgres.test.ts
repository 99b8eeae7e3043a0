import { readdir } from "node:fs/promises";
import { startPostgres } from "@headgate/storage/testing";
import { afterAll, describe, expect, test } from "vitest";
import { policyFile, serve, startUpstream } from "../systems/harness.ts";
import { onFolder } from "./on-folder.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

describe.skipIf(postgres === undefined)("with DATABASE_URL", { timeout: 60_000 }, () => {
  test("records are kept in PostgreSQL, with a server or without, and of the URL nothing is told", async () => {
    const environment = { DATABASE_URL: await postgres?.createDatabase() };
    const { folder, json, quiet } = await onFolder(undefined, environment);
    const { id } = await json("keys", "create");
    expect(await readdir(folder)).toEqual([]);

    const upstream = await startUpstream();
    const served = await serve(policyFile("initial-state"), upstream.url, { data: folder, environment });
    expect(await readdir(folder)).toEqual(["admin-token", "server.json"]);
    expect(await quiet("keys", "list")).toEqual([id]);
    await json("accounts", "create", "Another");
    await expect.poll(() => served.log()).toContain("createAccount");
    expect(served.log()).not.toContain("postgres");

    // On another folder is another instance, which has the same records.
    const elsewhere = await onFolder(undefined, environment);
    expect(await elsewhere.quiet("accounts", "list")).toHaveLength(2);
    expect(await elsewhere.json("audit", "verify")).toMatchObject({ valid: true, entries: 3 });
  });
});
