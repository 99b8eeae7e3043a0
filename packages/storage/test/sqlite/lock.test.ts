import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { openStorage } from "../../src/index.ts";
import { emptyFolder } from "../empty-folder.ts";
import { contents } from "./contents.ts";
import { startOwner } from "./owner.ts";

test("a folder that another process has open is refused by its name and that process's, and left alone", async () => {
  const folder = emptyFolder();
  const owner = await startOwner(folder);
  const before = contents(folder);
  await expect(openStorage({ folder })).rejects.toMatchObject({
    code: "HG_STORAGE_IN_USE",
    message: expect.stringMatching(new RegExp(`${folder} is in use by process ${owner.pid};.*stop that one`)),
  });
  expect(contents(folder)).toEqual(before);
});

test("a folder whose owner was killed is open to the next one", async () => {
  const folder = emptyFolder();
  const owner = await startOwner(folder);
  await owner.kill();
  const storage = await openStorage({ folder });
  await storage.close();
});

test("a folder is opened once in a process too, and again when it was closed", async () => {
  const folder = emptyFolder();
  const first = await openStorage({ folder });
  await expect(openStorage({ folder })).rejects.toMatchObject({
    code: "HG_STORAGE_IN_USE",
    message: expect.stringContaining("this process already"),
  });
  // The attempt must not have let go of the first one's lock.
  await expect(openStorage({ folder })).rejects.toMatchObject({ code: "HG_STORAGE_IN_USE" });
  await expect(startOwner(folder)).rejects.toThrow("another process was refused: HG_STORAGE_IN_USE");
  await first.close();
  expect(existsSync(`${folder}/headgate.pid`)).toBe(false);
  await (await openStorage({ folder })).close();
});

test("of many that open one folder at once, one gets it", async () => {
  const folder = emptyFolder();
  const attempts = await Promise.allSettled(Array.from({ length: 4 }, () => openStorage({ folder })));
  const opened = attempts.filter((attempt) => attempt.status === "fulfilled");
  expect(opened.length).toBe(1);
  await opened[0]?.value.close();
});
