import { expect, test } from "vitest";
import type { BuiltinAnswer } from "../../src/builtin-api.ts";
import { Desk } from "../../src/threads/desk.ts";
import { ToldNotices } from "../../src/told-notices.ts";
import { openRecords } from "../records.ts";

// A stream would be kept open for a thread that is no more, for as long as the process runs.
test("lets go of a stream that is answered after the thread has died", async () => {
  const answer = Promise.withResolvers<BuiltinAnswer>();
  const clock = (): number => 0;
  const builtin = { maxBodyBytes: 0, answer: () => answer.promise, drain() {} };
  const desk = new Desk(
    { control: await openRecords(clock), builtin, onLimit() {}, onDecisions() {}, clock },
    new ToldNotices(),
  );
  const sent = desk.calls.answer({
    method: "GET",
    path: "/",
    query: "",
    headers: {},
    body: undefined,
    caller: undefined,
  });
  desk.close();
  let isLetGo = false;
  const parts: AsyncIterator<string> = {
    next: () => new Promise(() => {}),
    async return() {
      isLetGo = true;
      return { done: true, value: undefined };
    },
  };
  answer.resolve({ status: 200, headers: [], body: { [Symbol.asyncIterator]: () => parts } });
  await sent;
  expect(isLetGo).toBe(true);
});
