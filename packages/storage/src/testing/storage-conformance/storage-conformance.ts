import type { TestRunner } from "@headgate/core/testing";
import type { StorageOptions } from "../../open-storage.ts";
import { testClosing } from "./closing.ts";
import { testExpectations } from "./expectations.ts";
import { testGrouping } from "./grouping.ts";
import { testReads } from "./reads.ts";
import { testSchema } from "./schema.ts";
import { testValues } from "./values.ts";

/** Where a test may open a storage: an empty place each time it is called. Clearing up is up to whoever made it. */
export type MakePlace = () => StorageOptions | Promise<StorageOptions>;

/**
 * The one suite that every engine must pass.
 *
 *     import { describe, expect, test } from "vitest";
 *     storageConformance({ describe, expect, test }, "SQLite", () => ({ folder: emptyFolder() }));
 */
export function storageConformance(runner: TestRunner, name: string, makePlace: MakePlace): void {
  runner.describe(`${name} keeps the storage contract`, () => {
    testExpectations(runner, makePlace);
    testGrouping(runner, makePlace);
    testReads(runner, makePlace);
    testValues(runner, makePlace);
    testSchema(runner, makePlace);
    testClosing(runner, makePlace);
  });
}
