import { expect, test } from "vitest";
import { allPages } from "./page.ts";

test.each(allPages())("the links in $path lead somewhere", ({ brokenLinks }) => {
  expect(brokenLinks).toEqual([]);
});
