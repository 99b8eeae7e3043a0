import fc from "fast-check";
import { expect, test } from "vitest";
import { beginningOf, withBeginning } from "../../src/log/beginning.ts";

async function chunksOf(...chunks: string[]): Promise<string[]> {
  async function* given(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const texts: string[] = [];
  for await (const chunk of withBeginning(given())) texts.push(chunk.toString());
  return texts;
}

test("the first chunk of a log has its first line that is not blank", async () => {
  expect(await chunksOf("\n", " \n", "{", '"a":1}\n{', "}\n")).toEqual(['\n \n{"a":1}\n{', "}\n"]);
});

test("the first chunk of a log is no longer than it need be, whatever it holds", async () => {
  const [first, ...others] = await chunksOf(...Array.from({ length: 10_000 }, () => "x"));
  expect(first).toHaveLength(4096);
  expect(others).toHaveLength(10_000 - 4096);
});

test("chunks lose nothing but a byte order mark", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: fc.constantFrom("a", "\n", "{") })), async (chunks) => {
      const content = chunks.join("");
      expect((await chunksOf(...chunks)).join("")).toBe(content);
      expect((await chunksOf("\ufeff", ...chunks)).join("")).toBe(content);
    }),
  );
});

test("blank lines tell nothing of a format", () => {
  expect(beginningOf(Buffer.from(`\n \r\n${"{".repeat(5000)}`))).toBe("{".repeat(4096));
});
