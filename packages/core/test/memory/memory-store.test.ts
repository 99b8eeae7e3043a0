import { describe, expect, test } from "vitest";
import { MemoryStore } from "../../src/index.ts";
import { storeConformance } from "../../src/testing/index.ts";

storeConformance({ describe, expect, test }, "MemoryStore", () => new MemoryStore({ maxPartitions: 1_000 }));
