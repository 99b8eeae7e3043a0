import { expect, test } from "vitest";
import { type Json, startRig } from "./rig.ts";

const NOBODY = { headers: { authorization: "" } };

test("/healthz says that the process runs, ready or not, to anyone", async () => {
  const rig = await startRig({ isReady: () => false });
  const { status, body } = await rig.call("GET", "/healthz", NOBODY);
  expect([status, body]).toEqual([200, { status: "ok" }]);
});

test("/readyz says whether requests are wanted", async () => {
  let isReady = true;
  const rig = await startRig({ isReady: () => isReady });
  const ready = await rig.call("GET", "/readyz?verbose", NOBODY);
  expect([ready.status, ready.body]).toEqual([200, { status: "ready" }]);
  isReady = false;
  const draining = await rig.call("GET", "/readyz", NOBODY);
  expect([draining.status, draining.body]).toEqual([503, { status: "draining" }]);
});

test("a database that is away stops no traffic: /readyz says that it is, and so does a metric", async () => {
  const rig = await startRig({
    wrap: (control) => ({
      ...control,
      storage: Object.create(control.storage, { health: { value: { isReachable: false, reason: "it is away" } } }),
    }),
  });
  const { status, body } = await rig.call("GET", "/readyz", NOBODY);
  expect([status, body]).toEqual([200, { status: "degraded", storage: "it is away" }]);
  expect((await rig.call("GET", "/metrics", NOBODY)).text).toContain("headgate_storage_up 0");
});

test("/metrics counts what is on record, and what was refused", async () => {
  const rig = await startRig();
  await rig.make("accounts", { name: "a" });
  await rig.make("accounts", { name: "b" });
  await rig.make("keys", { account: "a" });
  await rig.call("GET", "accounts", NOBODY);
  const { status, headers, text } = await rig.call("GET", "/metrics", NOBODY);
  expect([status, headers["content-type"]]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  for (const line of [
    "headgate_storage_up 1",
    "headgate_accounts 2",
    "headgate_keys 1",
    "headgate_tokens 0",
    "headgate_suspensions 0",
    'headgate_admin_refused_total{reason="HG_ADMIN_TOKEN"} 1',
  ]) {
    expect(text.split("\n")).toContain(line);
  }
  await rig.make("accounts", { name: "c" });
  const counted = async (): Promise<Json> =>
    (await rig.call("GET", "/metrics")).text.match(/^headgate_accounts (\d+)$/m)?.[1];
  expect(await counted()).toBe("2");
  rig.time.now += 15_000;
  expect(await counted()).toBe("3");
});

test("/metrics tells of the store what it says at that moment, and nothing where there is none", async () => {
  const numbers = {
    isUp: true,
    calls: 7,
    failures: { HG_STORE_TIMEOUT: 2 } as Record<string, number>,
    commands: 7,
    outcomes: { allow: 1, deny: 0, local: 0, unsettled: 0 },
  };
  const rig = await startRig({ store: async () => numbers });
  const told = async (): Promise<string[]> => {
    const { text } = await rig.call("GET", "/metrics", NOBODY);
    return text.split("\n").filter((line) => line.startsWith("headgate_store_"));
  };
  const before = [
    "headgate_store_up 1",
    "headgate_store_calls_total 7",
    'headgate_store_failures_total{code="HG_STORE_TIMEOUT"} 2',
    "headgate_store_commands_total 7",
    'headgate_store_errors_total{outcome="allow"} 1',
    'headgate_store_errors_total{outcome="deny"} 0',
    'headgate_store_errors_total{outcome="local"} 0',
    'headgate_store_errors_total{outcome="unsettled"} 0',
  ];
  expect(await told()).toEqual(before);
  expect(await told()).toEqual(before);
  Object.assign(numbers, { isUp: false, calls: 9, failures: { HG_STORE_TIMEOUT: 2, HG_STORE_AWAY: 2 } });
  expect(await told()).toContain('headgate_store_failures_total{code="HG_STORE_AWAY"} 2');
  expect(await told()).toContain("headgate_store_up 0");

  const without = await startRig();
  expect((await without.call("GET", "/metrics", NOBODY)).text).not.toContain("headgate_store_");
});

test("/metrics tells what was decided by that moment, and nothing where no gate runs", async () => {
  const limits = new Map([["per-key", { admitted: 2, refused: 1 }]]);
  const rig = await startRig({ decisions: () => ({ requests: { admitted: 2, refused: 1 }, limits }) });
  const told = async (): Promise<string[]> => {
    const { text } = await rig.call("GET", "/metrics", NOBODY);
    return text.split("\n").filter((line) => /^headgate_(requests|limit)_/.test(line));
  };
  const before = [
    'headgate_requests_total{outcome="admitted"} 2',
    'headgate_requests_total{outcome="refused"} 1',
    'headgate_limit_decisions_total{limit="per-key",outcome="admitted"} 2',
    'headgate_limit_decisions_total{limit="per-key",outcome="refused"} 1',
  ];
  expect(await told()).toEqual(before);
  expect(await told()).toEqual(before);
  limits.set("other", { admitted: 7, refused: 0 });
  expect(await told()).toContain('headgate_limit_decisions_total{limit="other",outcome="admitted"} 7');

  const without = await startRig();
  expect((await without.call("GET", "/metrics", NOBODY)).text).not.toMatch(/headgate_(requests|limit)_/);
});

test("HEAD is answered without a body, other methods with 405, other paths with 404", async () => {
  const rig = await startRig();
  const head = await rig.call("HEAD", "/healthz", NOBODY);
  expect([head.status, head.text]).toEqual([200, ""]);
  const refused = await rig.call("POST", "/healthz", NOBODY);
  expect([refused.status, refused.headers.allow]).toEqual([405, "GET, HEAD"]);
  const missing = await rig.call("GET", "/nothing", NOBODY);
  expect(missing.headers["content-type"]).toBe("application/problem+json");
  expect(missing.body).toMatchObject({ status: 404, code: "HG_ADMIN_PATH" });
});
