import { describe, expect, test, vi } from "vitest";
import type { BuiltinAnswer, BuiltinRequest } from "../src/builtin-api.ts";
import { ChangeCounts } from "../src/change-counts.ts";
import { withStandingAnswers } from "../src/standing-answers.ts";

const TAG = '"one"';

/** A request as a caller's poll makes it. */
function poll(changed: Partial<BuiltinRequest> & { readonly id?: string } = {}): BuiltinRequest {
  const identity = { id: changed.id ?? "key_1" } as BuiltinRequest["identity"];
  const body = Buffer.alloc(0);
  return { method: "GET", path: "/list", query: "a=1", headers: { "if-none-match": TAG }, body, identity, ...changed };
}

/** An API that answers 304, made of `things`, and what stands before it. */
function standing(changes: ChangeCounts, answerWith: Partial<BuiltinAnswer> = {}) {
  const ask = vi.fn(async (): Promise<BuiltinAnswer> => {
    const stands = changes.standing("things");
    return { status: 304, headers: ["ETag", TAG], body: "", standing: stands, ...answerWith };
  });
  const api = withStandingAnswers({ maxBodyBytes: 1, answer: ask, drain() {} }, changes);
  return { ask, api };
}

describe("an answer of 304 that stands", () => {
  test("is given again without the API being asked, until what it was made of changes", async () => {
    const changes = new ChangeCounts();
    const { api, ask } = standing(changes);
    const first = await api.answer(poll());
    expect(await api.answer(poll())).toBe(first);
    expect(ask).toHaveBeenCalledTimes(1);
    changes.change("things");
    await api.answer(poll());
    await api.answer(poll());
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test("outlives changes of something else", async () => {
    const changes = new ChangeCounts();
    const { api, ask } = standing(changes);
    await api.answer(poll());
    changes.change("other things");
    await api.answer(poll());
    expect(ask).toHaveBeenCalledTimes(1);
  });

  test("ends by a change that another thread has counted in the same memory", async () => {
    const changes = new ChangeCounts();
    const { api, ask } = standing(changes);
    await api.answer(poll());
    new ChangeCounts(changes.memory).change("things");
    await api.answer(poll());
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test.each<[string, Partial<BuiltinRequest> & { readonly id?: string }]>([
    ["caller", { id: "key_2" }],
    ["path", { path: "/other" }],
    ["query", { query: "a=2" }],
    ["If-None-Match", { headers: { "if-none-match": '"two"' } }],
    ["method", { method: "HEAD" }],
  ])("is not given to another %s", async (_what, changed) => {
    const { api, ask } = standing(new ChangeCounts());
    await api.answer(poll());
    await api.answer(poll(changed));
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test("is not given where the change came while it was being made", async () => {
    const changes = new ChangeCounts();
    const { api, ask } = standing(changes);
    ask.mockImplementationOnce(async () => {
      const stands = changes.standing("things");
      changes.change("things");
      return { status: 304, headers: [], body: "", standing: stands };
    });
    await api.answer(poll());
    await api.answer(poll());
    expect(ask).toHaveBeenCalledTimes(2);
  });
});

test.each<[string, Partial<BuiltinAnswer>]>([
  ["has a body to send", { status: 200, body: "all of it" }],
  ["does not say how long it stands", { standing: undefined }],
])("an answer that %s is asked for each time", async (_what, answerWith) => {
  const { api, ask } = standing(new ChangeCounts(), answerWith);
  await api.answer(poll());
  await api.answer(poll());
  expect(ask).toHaveBeenCalledTimes(2);
});

// Ten thousand questions with an If-None-Match of 14 KB took 138 MB, in each thread.
test("a question that is longer than any that is worth it is not remembered", async () => {
  const { api, ask } = standing(new ChangeCounts());
  const request = poll({ headers: { "if-none-match": `"${"x".repeat(600)}"` } });
  await api.answer(request);
  await api.answer(request);
  expect(ask).toHaveBeenCalledTimes(2);
});

test("strangers and requests without If-None-Match are answered anew each time", async () => {
  const { api, ask } = standing(new ChangeCounts());
  for (const request of [poll({ identity: undefined }), poll({ headers: {} })]) {
    await api.answer(request);
    await api.answer(request);
  }
  expect(ask).toHaveBeenCalledTimes(4);
});
