import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Tests start the command and the database's threads some thousand times: what Node makes of their sources is kept.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/node", import.meta.url));

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is polled for may be told of once a second only.
    expect: { poll: { timeout: 10_000 } },
    // Files share what they import. Importing it for each anew would take as long as the tests themselves.
    isolate: false,
    // Most of their time tests wait, for processes that they start and for disks: two go well on two cores, or on one.
    maxWorkers: 2,
    // Tests halt and kill real servers, and a machine that others keep busy may make one late. A fault is there twice.
    retry: 1,
  },
});
