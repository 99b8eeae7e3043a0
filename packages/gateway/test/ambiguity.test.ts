import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { startRig } from "./rig.ts";

test("a request that names its caller in two ways that differ is refused, and the upstream does not see it", async () => {
  const rig = await startRig({
    policy: `callers: { api-key: { header: x-key, query: key } }
limits: [{ name: key, per: [api-key], quota: 5, window: 1m }]`,
  });
  expect((await fetch(`${rig.url}/?key=a`, { headers: { "x-key": "a" } })).status).toBe(200);
  for (const [query, header] of [
    ["key=fake&key=real", undefined],
    ["key=real", "fake"],
  ] as const) {
    const response = await fetch(`${rig.url}/?${query}`, { headers: header ? { "x-key": header } : {} });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "HG_REQUEST_CALLER" });
  }
  expect(rig.upstream.seen).toHaveLength(1);
});

test("a compressed body whose items are to be counted is refused", async () => {
  const rig = await startRig({
    policy: "limits: [{ name: items, per: [ip], quota: 5, window: 1m, cost: { items: /events } }]",
  });
  const body = gzipSync(JSON.stringify({ events: [1, 2, 3] }));
  const response = await fetch(rig.url, { method: "POST", body, headers: { "content-encoding": "gzip" } });
  expect(response.status).toBe(415);
  expect(await response.json()).toMatchObject({ code: "HG_REQUEST_ENCODING" });
  expect(rig.upstream.seen).toHaveLength(0);
});

test("a slow upstream does not make the reset later than it is", async () => {
  const rig = await startRig({
    policy: `limits: [{ name: all, per: [], quota: 5, window: 10s }]
responses: { headers: { style: both, reset: delta-seconds } }`,
    upstream: (_, response) => {
      rig.time.now += 3_000;
      response.end();
    },
  });
  const response = await fetch(rig.url);
  expect(response.headers.get("x-ratelimit-reset")).toBe("7");
  expect(response.headers.get("ratelimit")).toBe('"all";r=4;t=7');
});

test("what a shadow limit would have refused is in the log, and nowhere else", async () => {
  const rig = await startRig({ policy: "limits: [{ name: try, per: [ip], quota: 1, window: 1m, mode: shadow }]" });
  await fetch(rig.url);
  const response = await fetch(rig.url);
  expect(response.status).toBe(200);
  expect(response.headers.has("ratelimit")).toBe(false);
  await expect.poll(() => rig.log).toContainEqual(expect.objectContaining({ event: "shadow-refusals", limit: "try" }));
});
