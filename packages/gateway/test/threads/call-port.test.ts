import { MessageChannel } from "node:worker_threads";
import { HeadgateError } from "@headgate/core";
import { expect, onTestFinished, test } from "vitest";
import { CallPort } from "../../src/threads/call-port.ts";

type Sums = {
  add(numbers: readonly number[]): number | Promise<number>;
  fail(kind: "headgate" | "system" | "other"): never;
  note(word: string): void;
};

/** Two ends in this thread: messages are as they would be between two. */
function connect(): { caller: CallPort<Sums, Record<string, never>>; noted: string[]; messages: () => number } {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  const noted: string[] = [];
  let messages = 0;
  port2.on("message", () => {
    messages += 1;
  });
  new CallPort<Record<string, never>, Sums>(port2, {
    add: (numbers) => (numbers.length > 2 ? Promise.resolve(sum(numbers)) : sum(numbers)),
    fail(kind) {
      if (kind === "headgate") throw new HeadgateError("HG_LIMIT_INVALID", "no such limit");
      if (kind === "system") throw Object.assign(new Error("in use"), { code: "EADDRINUSE" });
      throw new TypeError("odd");
    },
    note: (word) => noted.push(word),
  });
  return { caller: new CallPort(port1, {}), noted, messages: () => messages };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

test("each call gets its own answer, whether that is there at once or later", async () => {
  const { caller } = connect();
  const answers = await Promise.all([
    caller.call("add", [1, 2]),
    caller.call("add", [1, 2, 3]),
    caller.call("add", []),
  ]);
  expect(answers).toEqual([3, 6, 0]);
});

test("what is said in one turn of the event loop goes as one message, in its order", async () => {
  const { caller, noted, messages } = connect();
  for (let i = 0; i < 50; i++) caller.tell("note", `${i}`);
  await caller.call("add", [1]);
  expect(noted).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
  expect(messages()).toBe(1);
});

test("errors keep their codes, and errors of Headgate what they are", async () => {
  const { caller } = connect();
  const headgate = caller.call("fail", "headgate");
  await expect(headgate).rejects.toBeInstanceOf(HeadgateError);
  await expect(headgate).rejects.toMatchObject({ code: "HG_LIMIT_INVALID", message: "no such limit" });
  await expect(caller.call("fail", "system")).rejects.toMatchObject({ code: "EADDRINUSE", message: "in use" });
  await expect(caller.call("fail", "other")).rejects.toThrow(/TypeError: odd/);
});

test("what waits when a port is closed is rejected, and so is what comes after", async () => {
  const { caller, messages } = connect();
  const waiting = caller.call("add", [1, 2]);
  caller.close(new Error("the thread has ended"));
  await expect(waiting).rejects.toThrow("the thread has ended");
  await expect(caller.call("add", [1])).rejects.toThrow("the thread has ended");
  expect(messages()).toBe(0);
});
