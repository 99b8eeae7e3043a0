import { RunningCounts } from "@headgate/gateway";
import { expect, test } from "vitest";
import { bearer, issueKey } from "./issue.ts";
import { type Rig, type RigOptions, startManagedRig, startRig } from "./rig.ts";

/** Counts from a gateway, whenever it tells them. */
function counting(): { readonly counts: RunningCounts; readonly options: Pick<RigOptions, "onDecisions"> } {
  const counts = new RunningCounts();
  return { counts, options: { onDecisions: (told) => counts.add(told) } };
}

async function ask({ url }: Rig, times: number, init?: RequestInit, path = "/"): Promise<void> {
  for (let i = 0; i < times; i++) await (await fetch(`${url}${path}`, init)).arrayBuffer();
}

test("each limit is counted by what it said, those that are only tried out among them", async () => {
  const { counts, options } = counting();
  const policy = `limits:
    - { name: strict, per: [], quota: 5, window: 1h }
    - { name: lax, per: [], quota: 100, window: 1h }
    - { name: tried, mode: shadow, per: [], quota: 3, window: 1h }
    - { name: elsewhere, match: { path: /elsewhere }, per: [], quota: 1, window: 1h }`;
  const rig = await startRig({ policy, ...options });
  await ask(rig, 8);
  await rig.gateway.drain();
  expect(Object.fromEntries(counts.limits)).toEqual({
    strict: { admitted: 5, refused: 3, "shadow-refused": 0 },
    lax: { admitted: 8, refused: 0, "shadow-refused": 0 },
    // A shadow limit is not charged for what others refuse, and full all the same.
    tried: { admitted: 3, refused: 0, "shadow-refused": 5 },
  });
  expect(counts.requests).toMatchObject({ admitted: 5, refused: 3 });
});

test("each request is counted once, by what became of it", async () => {
  const { counts, options } = counting();
  const policy = `
callers: { api-key: { bearer: true } }
credentials: managed
limits:
  - { name: calls, match: { authenticated: true }, per: [account], quota: 3, window: 1h }
  - { name: payload, match: { methods: [POST] }, max-body: 10B }`;
  const rig = await startManagedRig({ policy, ...options });
  const { secret, account } = await issueKey(rig.control, { scopes: ["read"] });
  const writer = await issueKey(rig.control);
  await ask(rig, 5, bearer(secret));
  await ask(rig, 4, bearer("hg_sk_unknown"));
  await ask(rig, 1, { ...bearer(writer.secret), method: "POST", body: "x".repeat(11) });
  await ask(rig, 1, { ...bearer(writer.secret), method: "POST", body: "x" });
  const reader = await issueKey(rig.control, { scopes: ["read"] });
  await ask(rig, 2, { ...bearer(reader.secret), method: "POST", body: "x" });
  await rig.control.suspensions.suspend({ caller: "account", value: account.id, reason: "test" }, "test");
  await ask(rig, 6, bearer(secret));
  await rig.gateway.drain();
  expect(counts.requests).toEqual({
    admitted: 4,
    refused: 2,
    suspended: 6,
    "too-large": 1,
    unauthenticated: 4,
    forbidden: 2,
  });
});

test("without somebody to hear of it, the log is told what a shadow limit would have refused, to the last request", async () => {
  const rig = await startRig({ policy: "limits: [{ name: try, per: [], quota: 3, window: 1h, mode: shadow }]" });
  const reported = (): unknown[] => rig.log.filter(({ event }) => event === "shadow-refusals");
  await ask(rig, 5);
  await expect.poll(reported).toMatchObject([{ limit: "try", requests: 2 }]);
  await ask(rig, 15);
  await rig.gateway.drain();
  expect(reported()).toMatchObject([{ requests: 2 }, { requests: 15 }]);
});

test("what was decided is told before another policy is served", async () => {
  const { counts, options } = counting();
  const rig = await startRig({ policy: "limits: [{ name: before, per: [], quota: 5, window: 1h }]", ...options });
  await ask(rig, 2);
  rig.gateway.reload(rig.policy("limits: []"));
  expect(counts.of("before").admitted).toBe(2);
});
