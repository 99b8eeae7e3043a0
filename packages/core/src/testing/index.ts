export { type FakeClock, fakeClock } from "./fake-clock.ts";
export { storeConformance } from "./store-conformance/store-conformance.ts";
export type { TestRunner } from "./test-runner.ts";
