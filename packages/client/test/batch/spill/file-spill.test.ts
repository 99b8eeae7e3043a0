import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fileSpill } from "@headgate/client/spill";
import fc from "fast-check";
import { expect, test } from "vitest";
import { segmentsOf, temporaryFolder } from "./folder.ts";

function item(id: number, key = "k") {
  return { id, key, text: JSON.stringify({ id, name: "é" }) };
}

/** What a process finds in a folder that nobody has open. */
async function left(folder: string) {
  const spill = fileSpill(folder);
  const { items, ...others } = await spill.open();
  await spill.close();
  return { ids: items.map(({ id }) => id), items, ...others };
}

/** What would be found had the process that has the folder open been killed. */
async function leftByNow(folder: string) {
  const copy = join(await temporaryFolder(), "copy");
  await cp(folder, copy, { recursive: true, filter: (path) => !path.includes("lock-") });
  return left(copy);
}

test("what was appended is found, and what is forgotten is not", async () => {
  const folder = await temporaryFolder();
  const spill = fileSpill(folder);
  expect(await spill.open()).toEqual({ items: [], sealed: [], nextId: 1, damaged: 0 });
  await Promise.all([1, 2, 3, 4].map((id) => spill.append(item(id, "\ud800\n"))));
  await spill.seal({ idempotencyKey: "one", ids: [1, 2] });
  expect(await leftByNow(folder)).toMatchObject({
    items: [1, 2, 3, 4].map((id) => item(id, "\ud800\n")),
    sealed: [{ idempotencyKey: "one", ids: [1, 2] }],
    nextId: 5,
    damaged: 0,
  });
  spill.forget([1, 2]);
  await spill.seal({ idempotencyKey: "two", ids: [3] });
  expect(await leftByNow(folder)).toMatchObject({ ids: [3, 4], sealed: [{ idempotencyKey: "two", ids: [3] }] });
  await spill.close();
});

test("a batch of which one item is done was answered: the rest of it is free", async () => {
  const folder = await temporaryFolder();
  const spill = fileSpill(folder);
  await spill.open();
  for (const id of [1, 2, 3, 4]) await spill.append(item(id));
  await spill.seal({ idempotencyKey: "one", ids: [1, 2] });
  await spill.seal({ idempotencyKey: "two", ids: [3, 4] });
  spill.forget([1]);
  await spill.seal({ idempotencyKey: "three", ids: [3] });
  expect(await leftByNow(folder)).toMatchObject({ ids: [2, 3, 4], sealed: [{ idempotencyKey: "three", ids: [3] }] });
  await spill.close();
});

test("cut off anywhere, the log has all that was on disk before, in order", async () => {
  const folder = await temporaryFolder();
  const spill = fileSpill(folder);
  await spill.open();
  for (const id of [1, 2, 3]) await spill.append(item(id));
  await spill.seal({ idempotencyKey: "one", ids: [1, 2] });
  spill.forget([1, 2]);
  await spill.append(item(4));
  const [name] = [...(await segmentsOf(folder)).keys()];
  const log = await readFile(join(folder, name as string));
  await spill.close();

  const after = [[], [1], [1, 2], [1, 2, 3], [1, 2, 3], [3], [3, 4]];
  const torn = await temporaryFolder();
  for (let length = 0; length <= log.length; length++) {
    await writeFile(join(torn, name as string), log.subarray(0, length));
    const whole = log.subarray(0, length).filter((byte) => byte === 10).length;
    const { ids, damaged } = await left(torn);
    // Without its end a line is whole nevertheless.
    expect([after[whole], after[whole + 1]]).toContainEqual(ids);
    expect(damaged).toBeLessThanOrEqual(1);
  }
});

test("a log that was torn goes on in another file, and a line that is damaged costs no other", async () => {
  const folder = await temporaryFolder();
  const first = fileSpill(folder);
  await first.open();
  for (const id of [1, 2, 3]) await first.append(item(id));
  const [name] = [...(await segmentsOf(folder)).keys()];
  const path = join(folder, name as string);
  const lines = (await readFile(path, "utf8")).split("\n");
  lines[1] = (lines[1] as string).replace('"k"', '"x"');
  await first.close();
  await writeFile(path, lines.join("\n"));
  await appendFile(path, '0badcafe ["item",9');

  const second = fileSpill(folder);
  expect(await second.open()).toMatchObject({ items: [item(1), item(3)], damaged: 2 });
  await second.append(item(10));
  expect((await leftByNow(folder)).ids).toEqual([1, 3, 10]);
  await second.close();
});

test("files are removed when all that they hold is done, and the folder is empty in the end", async () => {
  const folder = await temporaryFolder();
  const spill = fileSpill(folder, { segmentBytes: 200 });
  await spill.open();
  for (let id = 1; id <= 50; id++) await spill.append(item(id));
  expect((await segmentsOf(folder)).size).toBeGreaterThan(5);
  spill.forget(Array.from({ length: 50 }, (_, index) => index + 1));
  await spill.close();
  expect(await segmentsOf(folder)).toEqual(new Map());
});

test("an item that stays for long does not keep what came after it on disk", async () => {
  const folder = await temporaryFolder();
  const spill = fileSpill(folder, { segmentBytes: 500 });
  await spill.open();
  await spill.append(item(1, "stuck"));
  await spill.append(item(2, "stuck"));
  await spill.seal({ idempotencyKey: "stuck", ids: [1, 2] });
  for (let id = 3; id <= 500; id++) {
    await spill.append(item(id));
    spill.forget([id]);
  }
  const bytes = [...(await segmentsOf(folder)).values()].reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeLessThan(2_500);
  expect(await leftByNow(folder)).toMatchObject({ ids: [1, 2], sealed: [{ idempotencyKey: "stuck", ids: [1, 2] }] });
  await spill.close();
});

test("whatever was appended, sealed and forgotten, a process after a crash finds what is left of it", async () => {
  const action = fc.oneof(
    { weight: 5, arbitrary: fc.constant("append" as const) },
    { weight: 2, arbitrary: fc.record({ seal: fc.nat(), count: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 3, arbitrary: fc.record({ forget: fc.nat(), count: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 1, arbitrary: fc.constant("reopen" as const) },
  );
  const property = fc.asyncProperty(
    fc.array(action, { maxLength: 60 }),
    fc.integer({ min: 1, max: 600 }),
    async (actions, segmentBytes) => {
      const folder = await temporaryFolder();
      const open = async () => {
        const opened = fileSpill(folder, { segmentBytes, fsync: false });
        await opened.open();
        return opened;
      };
      let spill = await open();
      const kept = new Map<number, string | undefined>();
      const sealed = new Map<string, number[]>();
      let nextId = 1;
      const some = (from: number, count: number) => {
        const ids = [...kept.keys()];
        return ids.slice(from % Math.max(1, ids.length)).slice(0, count);
      };
      for (const [index, action] of actions.entries()) {
        if (action === "append") {
          kept.set(nextId, undefined);
          await spill.append(item(nextId++));
        } else if (action === "reopen") {
          await spill.close();
          spill = await open();
        } else if ("seal" in action) {
          const ids = some(action.seal, action.count);
          if (ids.length === 0) continue;
          const idempotencyKey = `key-${index}`;
          for (const id of ids) kept.set(id, idempotencyKey);
          sealed.set(idempotencyKey, ids);
          await spill.seal({ idempotencyKey, ids });
        } else {
          const ids = some(action.forget, action.count);
          for (const id of ids) kept.delete(id);
          spill.forget(ids);
        }
      }
      // What was forgotten is on disk with whatever is written next.
      await spill.append(item(nextId));
      kept.set(nextId, undefined);
      const found = await leftByNow(folder);
      const whole = [...sealed].filter(([key, ids]) => ids.every((id) => kept.get(id) === key)).map(([key]) => key);
      expect(found.ids).toEqual([...kept.keys()]);
      expect(found.sealed.map(({ idempotencyKey }) => idempotencyKey).sort()).toEqual(whole.sort());
      expect(found.damaged).toBe(0);
      await spill.close();
    },
  );
  await fc.assert(property, { numRuns: 40 });
});

test("more than maxBytes is refused, until something is done", async () => {
  const spill = fileSpill(await temporaryFolder(), { maxBytes: 120 });
  await spill.open();
  const results = await Promise.allSettled([1, 2, 3].map((id) => spill.append(item(id))));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  expect((results[2] as PromiseRejectedResult).reason).toMatchObject({ code: "HG_SPILL_FULL" });
  spill.forget([1]);
  await spill.append(item(4));
  await spill.close();
});

test("a folder that cannot be made is an error that says which", async () => {
  const file = join(await temporaryFolder(), "file");
  await writeFile(file, "");
  await expect(fileSpill(file).open()).rejects.toMatchObject({
    code: "HG_SPILL_DISK",
    message: expect.stringContaining(file),
  });
});

// A process that may write no file longer than some KiB, which fails as a full disk does.
test("on a full disk adding fails, and nothing is lost that was taken, nor there that was refused", async () => {
  const folder = await temporaryFolder();
  const script = fileURLToPath(new URL("full-disk.ts", import.meta.url));
  const child = spawn("bash", ["-c", `ulimit -f 8; exec "${process.execPath}" "${script}" "${folder}"`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  const { taken, refused, codes } = JSON.parse(output) as { taken: number[]; refused: number[]; codes: string[] };
  expect(codes).toEqual(["HG_SPILL_DISK"]);
  expect(refused.length).toBeGreaterThan(0);
  expect(await left(folder)).toMatchObject({ ids: taken, damaged: 0 });
});

test("a folder is made with those it lies in; where none can be made, that is an error", async () => {
  const folder = join(await temporaryFolder(), "a", "b");
  expect(await left(folder)).toMatchObject({ ids: [], damaged: 0 });
  const error = await fileSpill("/proc/headgate/spill")
    .open()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "HG_SPILL_DISK" });
});
