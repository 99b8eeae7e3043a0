import { describe, expect, test } from "vitest";
import { storageConformance } from "../../src/testing/index.ts";
import { emptyFolder } from "../empty-folder.ts";

storageConformance({ describe, expect, test }, "SQLite", () => ({ folder: emptyFolder() }));
