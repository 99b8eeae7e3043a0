import { HeadgateError } from "@headgate/core";
import { Prepared, type Statement, type Storage } from "@headgate/storage";
import { expect, test, vi } from "vitest";
import { START } from "../rig.ts";
import { eventAt, openContext } from "./open-context.ts";

/** A statement that holds only where `isMet`. */
function guardOf(storage: Storage, isMet: boolean): Statement {
  const { build } = storage;
  const one = new Prepared<{ name: string }>(["name"], ({ name }) =>
    build.selectFrom("settings").select("name").where("name", "=", name),
  );
  return one.statement({ name: "no such setting" }, { rows: isMet ? 0 : 1, name: "the guard" });
}

/** The next write is held back until it is let go, or fails with what it is let go with. */
function holdWrite(storage: Storage): (failure?: Error) => void {
  const held = Promise.withResolvers<Error | undefined>();
  const write = storage.write.bind(storage);
  vi.spyOn(storage, "write").mockImplementationOnce(async (statements) => {
    const failure = await held.promise;
    if (failure) throw failure;
    return write(statements);
  });
  return (failure) => held.resolve(failure);
}

test("events that came while others were being written go on from those, in one transaction", async () => {
  const { storage, events, account } = await openContext();
  const id = await account("Ada");
  const letGo = holdWrite(storage);
  const first = events.append(id, [eventAt(START)]);
  await vi.waitFor(() => expect(storage.write).toHaveBeenCalled());
  const others = [1, 2, 3].map((index) => events.append(id, [eventAt(START, index), eventAt(START, index)]));
  letGo();
  const seqs = (await Promise.all([first, ...others])).map((kept) =>
    "rows" in kept ? kept.rows.map(({ seq }) => seq) : kept,
  );
  expect(seqs).toEqual([[1], [2, 3], [4, 5], [6, 7]]);
  expect(storage.write).toHaveBeenCalledTimes(2);
});

test.each<[string, Error | undefined, boolean]>([
  ["fails", new HeadgateError("HG_STORAGE_FAILED", "the disk is full"), true],
  ["is not kept for its guard", undefined, false],
])(
  "events that came behind a transaction that %s go on from where the chain does end",
  async (_how, failure, isMet) => {
    const { storage, events, account } = await openContext();
    const id = await account("Ada", [START]);
    const letGo = holdWrite(storage);
    const first = events.append(id, [eventAt(START)], [guardOf(storage, isMet)]).catch((error: Error) => error);
    await vi.waitFor(() => expect(storage.write).toHaveBeenCalled());
    const second = events.append(id, [eventAt(START, 1)]);
    letGo(failure);
    expect(await first).toEqual(failure ?? { unmet: "the guard" });
    expect(await second).toMatchObject({ rows: [{ seq: 2 }] });
    expect((await events.head(id)).seq).toBe(2);
  },
);
