/**
 * The part of a test runner that a suite needs, so that this package depends on none. Vitest's and Jest's `describe`,
 * `test` and `expect` fit as they are.
 */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  test(name: string, body: () => Promise<void>): unknown;
  expect(actual: unknown): { toEqual(expected: unknown): unknown };
}
