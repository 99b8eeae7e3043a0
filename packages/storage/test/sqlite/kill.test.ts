import { expect, test } from "vitest";
import { openStorage } from "../../src/index.ts";
import { emptyFolder } from "../empty-folder.ts";
import { startOwner } from "./owner.ts";

test("a process killed at any moment leaves every answered transaction, and none by half", async () => {
  const folder = emptyFolder();
  const answered = new Set<string>();
  for (const count of [1, 40, 300, 2_000]) {
    const owner = await startOwner(folder, 64);
    await owner.untilAcknowledged(count);
    await owner.kill();
    for (const id of owner.acknowledged) answered.add(id);

    const storage = await openStorage({ folder });
    const rows = await storage.read(storage.build.selectFrom("settings").select("name").compile());
    await storage.close();
    const names = new Set(rows.map(({ name }) => name));
    const lost = [...answered].filter((id) => !names.has(`first ${id}`));
    const torn = [...names].filter((name) => !names.has(otherHalf(name)));
    expect({ lost, torn }).toEqual({ lost: [], torn: [] });
  }
});

function otherHalf(name: string): string {
  return name.startsWith("first") ? name.replace("first", "second") : name.replace("second", "first");
}
