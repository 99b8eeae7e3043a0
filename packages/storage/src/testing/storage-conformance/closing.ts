import type { TestRunner } from "@headgate/core/testing";
import { openStorage } from "../../open-storage.ts";
import { add, rejection, settings } from "./settings.ts";
import type { MakePlace } from "./storage-conformance.ts";

/** Closing lets go of everything, and loses nothing. */
export function testClosing({ test, expect }: TestRunner, makePlace: MakePlace): void {
  test("close waits for what was written, which is there when the place is opened again", async () => {
    const place = await makePlace();
    const storage = await openStorage(place);
    const writes = Array.from({ length: 100 }, (_, index) => storage.write([add(storage, String(index))]));
    await storage.close();
    expect((await Promise.all(writes)).map(({ unmet }) => unmet)).toEqual(writes.map(() => undefined));
    const again = await openStorage(place);
    expect(Object.keys(await settings(again)).length).toEqual(100);
    await again.close();
  });

  test("a storage that was closed says so, and may be closed again", async () => {
    const storage = await openStorage(await makePlace());
    await Promise.all([storage.close(), storage.close()]);
    expect(await rejection(storage.write([]))).toEqual("HG_STORAGE_FAILED");
    expect(await rejection(settings(storage))).toEqual("HG_STORAGE_FAILED");
    await storage.close();
  });
}
