import type { Identity } from "@headgate/control";
import { expect, test } from "vitest";
import { problemOf } from "../ingest/kept.ts";
import { openRig, type Rig } from "../rig.ts";

async function start(): Promise<{ rig: Rig; as: Identity; widget: Identity }> {
  const rig = await openRig();
  const as = await rig.caller("Ada");
  const { secret } = await rig.control.tokens.mint(
    { keyId: as.keyId, kind: "widget", prefix: "hg_wt_", lifetimeMs: 3_600_000, actor: "user_1" },
    "test",
  );
  return { rig, as, widget: rig.control.directory.identify(secret, rig.time.now) as Identity };
}

test("where there is nothing, the answer says so, whatever is in the path", async () => {
  const { rig, as } = await start();
  const places = ["/", "/v1", "/v2/events", "/v1/events/a/b", "//v1/events", "/V1/events", "/v1/events%2f", "/%00"];
  places.push("/v1/events/%zz", "/v1/events/%", "*", "", `/${"a".repeat(8_000)}`, "/__proto__");
  const events = ["/v1/events/evt_1", "/v1/events/a%2fb", "/v1/events/%00", `/v1/events/evt_${"0".repeat(90)}`];
  for (const path of [...places, ...events]) {
    const { status, code, detail } = problemOf(await rig.ask({ as, path }));
    expect([path, status, code]).toEqual([path, 404, events.includes(path) ? "HG_EVENT_UNKNOWN" : "HG_EVENTS_PATH"]);
    expect(detail.length).toBeLessThan(250);
  }
  expect(rig.log).toEqual([]);
});

test("a method that a path does not take is refused with those that it does", async () => {
  const { rig, as } = await start();
  for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]) {
    const answer = await rig.ask({ as, path: "/v1/events", method });
    expect([problemOf(answer), answer.headers.allow]).toMatchObject([
      { status: 405, code: "HG_EVENTS_METHOD" },
      "GET, HEAD, POST",
    ]);
  }
  expect((await rig.ask({ as, path: "/v1/events", method: "HEAD" })).status).toBe(200);
  expect((await rig.ask({ as, path: "/v1/events/" })).status).toBe(200);
});

test("without a credential there is nothing but the description", async () => {
  const { rig } = await start();
  for (const path of ["/v1/events", "/v1/events/stream", "/v1/events/evt_1", "/v1/widget/events", "/v1/verify"]) {
    expect((await rig.ask({ path })).status).toBe(401);
  }
  expect((await rig.ask({ path: "/v1/events", body: "{" })).status).toBe(401);
  expect((await rig.ask({ path: "/openapi.json" })).status).toBe(200);
});

test("a widget's token reads what it is bound to, and nothing else", async () => {
  const { rig, as, widget } = await start();
  const events = ["user_1", "user_2", "user_1"].map((id, index) => ({ type: `a${index}`, actor: { id } }));
  await rig.ask({ as, path: "/v1/events/batch", body: { events } });
  for (const query of ["", "?actor=user_2", "?type=a*"]) {
    const { json } = await rig.ask({ as: widget, path: `/v1/widget/events${query}` });
    expect(json<{ items: unknown[] }>().items).toMatchObject([{ type: "a2" }, { type: "a0" }]);
  }
  const wrong = { status: 403, code: "HG_EVENTS_CREDENTIAL" };
  for (const path of ["/v1/events", "/v1/events/stream", "/v1/verify"]) {
    expect(problemOf(await rig.ask({ as: widget, path }))).toMatchObject(wrong);
  }
  expect(problemOf(await rig.ask({ as: widget, path: "/v1/events", body: { type: "a" } }))).toMatchObject(wrong);
  expect(problemOf(await rig.ask({ as, path: "/v1/widget/events" }))).toMatchObject(wrong);
});

test("a failure of the database is told without its words, and the log has them", async () => {
  const { rig, as } = await start();
  await rig.storage.write([{ sql: "alter table events rename to lost", parameters: [] }]);
  const problem = problemOf(await rig.ask({ as, path: "/v1/events", body: { type: "a" } }));
  expect(problem).toMatchObject({
    status: 500,
    code: "HG_EVENTS_FAILED",
    detail: "The events API itself failed; the log says why.",
  });
  expect(rig.log).toMatchObject([
    { event: "events-failed", path: "/v1/events", error: expect.stringContaining("events") },
  ]);
});
