import { HeadgateError } from "@headgate/core";
import { describe, expect, test } from "vitest";
import { openRig, type Rig, textOf, URL_ } from "./origin.ts";

/** An origin that answers when the test says so, to the requests in turn. */
function openHeld(): Rig & { readonly answers: PromiseWithResolvers<Response>[] } {
  const answers: PromiseWithResolvers<Response>[] = [];
  const rig = openRig();
  rig.answer = ({ signal }) => {
    const answer = Promise.withResolvers<Response>();
    signal.addEventListener("abort", () => answer.reject(signal.reason));
    answers.push(answer);
    return answer.promise;
  };
  return Object.assign(rig, { answers });
}

const soon = (): Promise<void> => new Promise(setImmediate);
const storable = (text: string): Response => new Response(text, { headers: { etag: '"1"' } });

describe("requests that are the same while one of them is under way", () => {
  test("are one, and each has an answer of its own", async () => {
    const rig = openHeld();
    const all = [rig.get(), rig.get(), rig.get()];
    await soon();
    rig.answers[0]?.resolve(storable("1"));
    expect(await Promise.all(all.map(textOf))).toEqual([
      ["1", undefined],
      ["1", "shared"],
      ["1", "shared"],
    ]);
    expect(rig.asked).toHaveLength(1);
  });

  test.for([
    ["who asks", { headers: { authorization: "Bearer a" } }, { headers: { authorization: "Bearer b" } }],
    ["a header that may decide about the answer", { headers: { accept: "a" } }, { headers: { accept: "b" } }],
    ["the query", { url: `${URL_}?a` }, { url: `${URL_}?b` }],
    ["the wish for news", {}, { cache: "no-cache" }],
  ] as const)("are not, where they differ in %s", async ([, first, second]) => {
    const rig = openHeld();
    const all = [rig.get(first), rig.get(second)];
    await expect.poll(() => rig.answers).toHaveLength(2);
    for (const [index, answer] of rig.answers.entries()) answer.resolve(storable(`${index}`));
    expect(await Promise.all(all.map(textOf))).toEqual([
      ["0", undefined],
      ["1", undefined],
    ]);
  });

  test("are sent each where the answer turns out to be for one alone", async () => {
    const rig = openHeld();
    const all = [rig.get(), rig.get()];
    await soon();
    rig.answers[0]?.resolve(new Response("1", { headers: { "cache-control": "no-store" } }));
    await soon();
    rig.answers[1]?.resolve(new Response("2"));
    expect(await Promise.all(all.map(textOf))).toEqual([
      ["1", undefined],
      ["2", undefined],
    ]);
  });

  test("are not waited for where the last answer was for one alone, until one is for all again", async () => {
    const rig = openHeld();
    const first = rig.get();
    await soon();
    rig.answers[0]?.resolve(new Response("1"));
    await first;
    const all = [rig.get(), rig.get()];
    await soon();
    expect(rig.answers).toHaveLength(3);
    rig.answers[1]?.resolve(new Response("2"));
    rig.answers[2]?.resolve(storable("3"));
    expect(await Promise.all(all.map(textOf))).toEqual([
      ["2", undefined],
      ["3", undefined],
    ]);
    const more = [rig.get({ cache: "no-cache" }), rig.get({ cache: "no-cache" })];
    await soon();
    for (const answer of rig.answers.slice(3)) answer.resolve(storable("4"));
    await Promise.all(more);
    const refreshed = [rig.get(), rig.get()];
    await soon();
    rig.answers.at(-1)?.resolve(storable("5"));
    expect((await Promise.all(refreshed)).map(({ use }) => use)).toEqual([undefined, "shared"]);
  });

  test("are waited for though the last answer was a refusal", async () => {
    const rig = openHeld();
    const refused = rig.get();
    await soon();
    rig.answers[0]?.resolve(new Response("", { status: 503 }));
    await refused;
    const all = [rig.get(), rig.get()];
    await soon();
    rig.answers[1]?.resolve(storable("1"));
    expect((await Promise.all(all)).map(({ use }) => use)).toEqual([undefined, "shared"]);
  });

  test("are one though what was outdated before them comes late", async () => {
    const rig = openHeld();
    const old = rig.get();
    await expect.poll(() => rig.answers).toHaveLength(1);
    const change = rig.get({ method: "POST" });
    await expect.poll(() => rig.answers).toHaveLength(2);
    rig.answers[1]?.resolve(new Response());
    await change;
    const all = [rig.get()];
    await expect.poll(() => rig.answers).toHaveLength(3);
    rig.answers[0]?.resolve(storable("old"));
    await old;
    all.push(rig.get());
    await soon();
    rig.answers[2]?.resolve(storable("new"));
    expect(await Promise.all(all.map(textOf))).toEqual([
      ["new", undefined],
      ["new", "shared"],
    ]);
  });

  test("fail together", async () => {
    const rig = openHeld();
    const all = [rig.get(), rig.get()];
    await soon();
    rig.answers[0]?.reject(new TypeError("fetch failed"));
    for (const result of await Promise.allSettled(all))
      expect(result).toMatchObject({ reason: { message: "fetch failed" } });
    expect(rig.asked).toHaveLength(1);
  });

  test("do not fail for the impatience of one", async () => {
    const rig = openHeld();
    const all = [rig.get(), rig.get()];
    await soon();
    rig.answers[0]?.reject(new HeadgateError("HG_WAIT_TOO_LONG", "too long"));
    await expect(all[0]).rejects.toThrow("too long");
    await soon();
    rig.answers[1]?.resolve(storable("2"));
    expect((await all[1])?.response.status).toBe(200);
  });
});

describe("a caller that aborts", () => {
  test("is let go at once, and the others have their answer", async () => {
    const rig = openHeld();
    const first = new AbortController();
    const all = [rig.get({ signal: first.signal }), rig.get()];
    await soon();
    first.abort(new Error("enough"));
    await expect(all[0]).rejects.toThrow("enough");
    expect(rig.asked[0]?.signal.aborted).toBe(false);
    rig.answers[0]?.resolve(storable("1"));
    expect((await all[1])?.response.status).toBe(200);
    expect(rig.asked).toHaveLength(1);
  });

  test("gives up the request when it is the last, and who asks then begins anew", async () => {
    const rig = openHeld();
    const callers = [new AbortController(), new AbortController()];
    const all = Promise.allSettled(callers.map(({ signal }) => rig.get({ signal })));
    await soon();
    callers[0]?.abort();
    expect(rig.asked[0]?.signal.aborted).toBe(false);
    callers[1]?.abort();
    expect(rig.asked[0]?.signal.aborted).toBe(true);
    const next = rig.get();
    await soon();
    rig.answers[1]?.resolve(storable("2"));
    expect(await textOf(next)).toEqual(["2", undefined]);
    for (const { status } of await all) expect(status).toBe("rejected");
  });

  test("leaves nothing to join behind, even where sending takes no notice of it", async () => {
    const rig = openRig();
    const caller = new AbortController();
    rig.answer = () => new Promise(() => {});
    const refused = expect(rig.get({ signal: caller.signal })).rejects.toThrow("aborted");
    await soon();
    caller.abort();
    await refused;
    rig.answer = () => storable("2");
    expect(await textOf(rig.get())).toEqual(["2", undefined]);
  });

  test("leaves an answer for one alone to the next", async () => {
    const rig = openHeld();
    const first = new AbortController();
    const all = [rig.get({ signal: first.signal }), rig.get()];
    await soon();
    first.abort();
    rig.answers[0]?.resolve(new Response("1"));
    await expect(all[0]).rejects.toThrow("aborted");
    expect(await (await all[1])?.response.text()).toBe("1");
    expect(rig.asked).toHaveLength(1);
  });

  test("ends the body of an answer that it alone has", async () => {
    const rig = openHeld();
    const caller = new AbortController();
    const call = rig.get({ signal: caller.signal });
    await soon();
    rig.answers[0]?.resolve(new Response("1"));
    await call;
    caller.abort();
    expect(rig.asked[0]?.signal.aborted).toBe(true);
  });

  test("before it asks is refused with its reason, and nothing is sent", async () => {
    const rig = openHeld();
    await expect(rig.get({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
    expect(rig.asked).toHaveLength(0);
  });

  test("is let go at once while a store takes its time", async () => {
    const rig = openRig({ store: { get: () => new Promise(() => {}), set() {}, delete() {} } });
    const caller = new AbortController();
    const call = rig.get({ signal: caller.signal });
    const refused = expect(call).rejects.toThrow("enough");
    await soon();
    caller.abort(new Error("enough"));
    await refused;
  });
});
