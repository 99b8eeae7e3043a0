import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupEndpoints } from "../../src/suggest/endpoint-group.ts";
import { RouteTree } from "../../src/suggest/route-tree.ts";

function templatesOf(paths: Iterable<string>): string[] {
  const tree = new RouteTree();
  for (const path of paths) tree.note(path);
  return tree.templates().map(({ segments, requests }) => `/${segments.join("/")} ${requests}`);
}

function numbered(count: number, path: (i: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => path(i));
}

describe("templates of paths", () => {
  test.each(["17", "550e8400-e29b-41d4-a716-446655440000", "evt_01HQ3K4M", "a@b.example", "%C3%A9", "x".repeat(40)])(
    "have {id} for what looks like one: %s",
    (id) => {
      expect(templatesOf([`/v1/events/${id}/notes`])).toEqual(["/v1/events/{id}/notes 1"]);
    },
  );

  test("have {id} where there are too many names to be names", () => {
    const users = numbered(500, (i) => `/users/${String.fromCharCode(97 + (i % 26))}${"x".repeat(i / 26)}/posts`);
    expect(templatesOf([...users, "/health"])).toEqual(["/users/{id}/posts 500", "/health 1"]);
  });

  test("keep names that few others stand beside", () => {
    const paths = numbered(60, (i) => `/v1/${["events", "users", "plans"][i % 3]}`);
    expect(templatesOf(paths)).toEqual(["/v1/events 20", "/v1/users 20", "/v1/plans 20"]);
  });

  test("end somewhere, however deep a path is", () => {
    expect(templatesOf([`/${"a/".repeat(500)}`])).toEqual(["/a/a/a/a/a/a/a/a/** 1"]);
  });

  test("count every request, whatever strangers ask for, in bounded memory", () => {
    const segment = fc.oneof(fc.string({ unit: fc.constantFrom("a", "b", "1", "-"), minLength: 1, maxLength: 4 }));
    const paths = fc.array(segment, { maxLength: 12 }).map((segments) => `/${segments.join("/")}`);
    fc.assert(
      fc.property(fc.array(paths, { maxLength: 300 }), (all) => {
        const tree = new RouteTree();
        for (const path of all) tree.note(path);
        const templates = tree.templates();
        expect(templates.reduce((sum, { requests }) => sum + requests, 0)).toBe(all.length);
        expect(templates.every(({ segments }) => segments.length <= 9)).toBe(true);
      }),
    );
    const flood = new RouteTree();
    for (let i = 0; i < 200_000; i++) flood.note(`/${name(i % 90)}/${name(i % 89)}/${name(i % 83)}/${name(i % 79)}`);
    expect(flood.templates().length).toBeLessThan(25_000);
  });
});

/** A name of letters for a number. */
function name(number: number): string {
  return `n${[...String(number)].map((digit) => "abcdefghij"[Number(digit)]).join("")}`;
}

describe("endpoint groups", () => {
  function groupsOf(paths: Iterable<string>): ReturnType<typeof groupEndpoints> {
    const tree = new RouteTree();
    for (const path of paths) tree.note(path);
    return groupEndpoints(tree.templates());
  }

  test("are named for the resource, not for what stands before it", () => {
    expect(groupsOf(["/api/v1/events", "/api/v2/events/17", "/Web_Hooks/5"])).toEqual([
      { name: "events", patterns: ["/api/v1/events", "/api/v2/events/{id}"], requests: 2 },
      { name: "web-hooks", patterns: ["/Web_Hooks/{id}"], requests: 1 },
    ]);
  });

  test("are the four that most is asked of, and none that hardly anything is", () => {
    const paths = numbered(600, (i) => `/${["a", "b", "c", "d", "e"][i % 5]}`);
    expect(groupsOf([...paths, "/a", "/rare"]).map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
    expect(groupsOf([...numbered(99, () => "/a"), "/rare"]).map(({ name }) => name)).toEqual(["a"]);
  });

  test("with many templates are all that is below their name", () => {
    const paths = numbered(10, (i) => `/v1/events/${name(i)}`);
    expect(groupsOf(paths)).toEqual([{ name: "events", patterns: ["/v1/events/**"], requests: 10 }]);
  });

  test("leave out what no policy could name", () => {
    expect(groupsOf(["/", "/17", "/v1", "/openapi/a", "/~/b"])).toEqual([]);
  });
});
