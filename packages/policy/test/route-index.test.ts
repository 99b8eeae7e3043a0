import fc from "fast-check";
import { expect, test } from "vitest";
import { leadsTo, toRoute } from "../src/route.ts";
import { RouteIndex } from "../src/route-index.ts";

const segments = fc.constantFrom("a", "b", "{id}", "*", "**", "a*", "{id}.json");
const patterns = fc
  .tuple(fc.constantFrom("", "GET ", "POST "), fc.array(segments, { maxLength: 4 }), fc.constantFrom("", "/"))
  .map(([method, parts, end]) => `${method}/${parts.join("/")}${parts.length > 0 ? end : ""}`);
const paths = fc
  .tuple(fc.array(fc.constantFrom("a", "b", "ab", "1.json", "c"), { maxLength: 5 }), fc.constantFrom("", "/", "//"))
  .map(([parts, end]) => `/${parts.join("/")}${end}`);

test("the route that is found is the first of those that match, one after the other", () => {
  fc.assert(
    fc.property(
      fc.array(patterns, { maxLength: 12 }),
      fc.constantFrom("GET", "POST"),
      paths,
      (written, method, path) => {
        const routes = written.map(toRoute);
        const found = new RouteIndex(routes).first(method, path);
        expect(found).toBe(routes.find((route) => leadsTo(route, method, path)));
      },
    ),
    { numRuns: 2000 },
  );
});
