import type { Identity } from "@headgate/control";
import { expect, test } from "vitest";
import { type EventsAnswer, UNAUTHENTICATED } from "../../src/api/answer.ts";
import { Router } from "../../src/api/router.ts";
import { verifyRoutes } from "../../src/log/verify-route.ts";
import { START } from "../rig.ts";
import { openContext } from "./open-context.ts";

test("GET /v1/verify tells whether the caller's own events are as they were written", async () => {
  const context = await openContext();
  const router = new Router(verifyRoutes(context), context.clock, () => {});
  const verified = async (accountId: string): Promise<unknown> => {
    const { secret } = await context.control.keys.create({ accountId, prefix: "hg_sk_" }, "test");
    const identity = context.control.directory.identify(secret, START) as Identity;
    const request = { method: "GET", path: "/v1/verify", query: "", headers: {}, body: Buffer.alloc(0), identity };
    const answer = await router.answer(request);
    if (answer === UNAUTHENTICATED) throw new Error("the key is not known");
    return [answer.status, JSON.parse(String((answer satisfies EventsAnswer).body))];
  };

  const [whole, edited, empty] = [
    await context.account("whole", [START, START]),
    await context.account("edited", [START, START, START]),
    await context.account("empty"),
  ];
  const { hash: head } = await context.events.head(whole);
  const { storage } = context;
  for (const query of [
    storage.build.updateTable("events").set({ type: "x" }).where("account_id", "=", edited).where("seq", "=", 2),
    storage.build.deleteFrom("events").where("account_id", "=", edited).where("seq", "=", 3),
  ]) {
    const { sql, parameters } = query.compile();
    await storage.write([{ sql, parameters: parameters as (string | number)[] }]);
  }

  expect(await verified(whole)).toEqual([200, { valid: true, events: 2, first_seq: 1, last_seq: 2, head }]);
  expect(await verified(edited)).toEqual([
    200,
    { valid: false, events: 1, broken_at: { seq: 2, id: expect.stringMatching(/^evt_/), reason: "changed" } },
  ]);
  const none = { valid: true, events: 0, first_seq: null, last_seq: null, head: "0".repeat(64) };
  expect(await verified(empty)).toEqual([200, none]);
});
