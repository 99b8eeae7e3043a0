import { afterAll, describe, expect, test } from "vitest";
import { startPostgres, storageConformance } from "../../src/testing/index.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

describe.skipIf(postgres === undefined)("with a server", () => {
  storageConformance({ describe, expect, test }, "PostgreSQL", async () => ({
    folder: "/nowhere",
    databaseUrl: (await postgres?.createDatabase()) ?? "",
  }));
});
