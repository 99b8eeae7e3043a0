import { expect, test } from "vitest";
import { type Issued, issueKey, type Json } from "./admin.ts";
import { policyFile, rateLimit, repeat, serve, serveAt, startUpstream } from "./harness.ts";

const NOON = Date.UTC(2026, 0, 1, 12);
const accessKey = ({ secret }: Issued): Record<string, string> => ({ "x-is-accesskey": secret });
const SUSPENDED = { message: "This account is suspended for exceeding its rate limit again and again." };

test("I1: 30 calls in ten seconds, all of which may come in one second", async () => {
  const upstream = await startUpstream();
  const gate = await serveAt(NOON, "initial-state", upstream.url);
  const { url, clock } = gate;
  const key = await issueKey(gate);
  const call = (): Promise<Response> =>
    fetch(`${url}/api/events`, { method: "POST", body: "[]", headers: accessKey(key) });

  expect((await repeat(30, call)).status).toBe(200);
  expect((await call()).status).toBe(429);
  clock.now += 9_999;
  expect((await call()).status).toBe(429);
  clock.now += 1;
  expect((await repeat(30, call)).status).toBe(200);
  expect((await call()).status).toBe(429);
});

test("I1: access keys of one account share its calls, and those of another do not", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("initial-state"), upstream.url);
  const [first, second] = [await issueKey(gate, "Acme"), await issueKey(gate, "Acme")];
  const other = await issueKey(gate, "Other");
  const call = (by: Issued): Promise<Response> => fetch(`${gate.url}/api/events`, { headers: accessKey(by) });

  await repeat(15, () => call(first));
  expect(rateLimit(await repeat(15, () => call(second))).remaining).toBe("0");
  expect((await call(first)).status).toBe(429);
  expect((await call(second)).status).toBe(429);
  expect(rateLimit(await call(other))).toMatchObject({ limit: "30", remaining: "29" });
});

test("I2: Limit is constant, Remaining is back to 30 every ten seconds, Reset is epoch seconds in the future", async () => {
  const upstream = await startUpstream();
  const gate = await serveAt(NOON, "initial-state", upstream.url);
  const { url, clock } = gate;
  const key = await issueKey(gate);
  const call = (): Promise<Response> => fetch(`${url}/api/events`, { headers: accessKey(key) });
  const reset = String((NOON + 10_000) / 1000);

  for (let remaining = 29; remaining >= 0; remaining--) {
    expect(rateLimit(await call())).toEqual({ limit: "30", remaining: String(remaining), reset, retryAfter: null });
  }
  expect(rateLimit(await call())).toMatchObject({ limit: "30", remaining: "0", reset });
  clock.now += 10_000;
  expect(rateLimit(await call())).toMatchObject({
    limit: "30",
    remaining: "29",
    reset: String((NOON + 20_000) / 1000),
  });
});

test("I3: Retry-After comes on a 429 only, and waiting it makes the next request succeed", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("initial-state"), upstream.url);
  const key = await issueKey(gate);
  const call = (): Promise<Response> => fetch(`${gate.url}/api/events`, { headers: accessKey(key) });

  expect(rateLimit(await repeat(30, call)).retryAfter).toBeNull();
  const refused = await call();
  expect(refused.status).toBe(429);
  const seconds = Number(refused.headers.get("retry-after"));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(10);
  // The one wait on a real clock: what the page promises is about real seconds.
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  expect((await call()).status).toBe(200);
});

test("I4: a payload over 200 KB is refused with 413, and the upstream sees nothing of it", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("initial-state"), upstream.url);
  const key = await issueKey(gate);
  const post = (bytes: number): Promise<Response> =>
    fetch(`${gate.url}/api/events`, { method: "POST", body: "x".repeat(bytes), headers: accessKey(key) });

  expect((await post(200 * 1024)).status).toBe(200);
  const refused = await post(200 * 1024 + 1);
  expect(refused.status).toBe(413);
  expect(rateLimit(refused)).toMatchObject({ limit: "30", remaining: "29" });
  await expect.poll(() => upstream.received.length).toBe(1);
});

test("I4: a payload of unknown length is refused at the byte that crosses, and never completes upstream", async () => {
  const upstream = await startUpstream((request, response) => {
    request.on("end", () => response.end());
  });
  const gate = await serve(policyFile("initial-state"), upstream.url);
  const key = await issueKey(gate);
  const chunk = new Uint8Array(64 * 1024);
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(chunk);
    },
  });
  const init = { method: "POST", body, headers: accessKey(key), duplex: "half" } as RequestInit;
  const status = await fetch(`${gate.url}/api/events`, init).then((response) => response.status);
  expect(status).toBe(413);
  await expect.poll(() => upstream.received.map(({ complete }) => complete)).toEqual([false]);
});

test("I5: nothing of a refused call reaches the upstream", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("initial-state"), upstream.url);
  const key = await issueKey(gate);
  const refused = await repeat(31, () =>
    fetch(`${gate.url}/api/events`, { method: "POST", body: "[]", headers: accessKey(key) }),
  );
  expect(refused.status).toBe(429);
  await expect.poll(() => upstream.received.length).toBe(30);
});

test("I7: a plan that an account is given shows on its next request, and what it has used stays used", async () => {
  const upstream = await startUpstream();
  const gate = await serveAt(NOON, "initial-state", upstream.url, (text) =>
    text.replace("business: { quota: 30 }", "business: { quota: 60 }"),
  );
  const key = await issueKey(gate, "Acme");
  const call = (): Promise<Response> => fetch(`${gate.url}/api/events`, { headers: accessKey(key) });

  expect(rateLimit(await call())).toMatchObject({ limit: "30", remaining: "29" });
  await gate.admin("PATCH", "/accounts/Acme", { plan: "business" });
  expect(rateLimit(await call())).toMatchObject({ limit: "60", remaining: "58" });
  await gate.admin("PATCH", "/accounts/Acme", { plan: "individual" });
  expect(rateLimit(await call())).toMatchObject({ limit: "30", remaining: "27" });
});

test("I8: an account that is refused 100 times within ten minutes is suspended, and an operator lifts it", async () => {
  const upstream = await startUpstream();
  const gate = await serveAt(NOON, "initial-state", upstream.url);
  const [key, sameAccount] = [await issueKey(gate, "Busy"), await issueKey(gate, "Busy")];
  const other = await issueKey(gate, "Quiet");
  const call = (by: Issued): Promise<Response> => fetch(`${gate.url}/api/events`, { headers: accessKey(by) });

  expect((await repeat(30, () => call(key))).status).toBe(200);
  // Half of them now, half of them nearly ten minutes later.
  expect((await repeat(50, () => call(key))).status).toBe(429);
  gate.clock.now += 595_000;
  expect((await repeat(30, () => call(sameAccount))).status).toBe(200);
  expect((await repeat(50, () => call(sameAccount))).status).toBe(429);

  const suspended = await call(key);
  expect(suspended.status).toBe(403);
  expect(rateLimit(suspended)).toMatchObject({ limit: "30", retryAfter: "3600" });
  expect(await suspended.json()).toEqual(SUSPENDED);
  // Its counter would have room again by now.
  gate.clock.now += 10_000;
  expect(rateLimit(await call(sameAccount)).retryAfter).toBe("3590");
  expect(rateLimit(await call(other))).toMatchObject({ limit: "30", remaining: "29" });

  const active = (): Promise<{ items: Json[] }> => gate.admin("GET", "/suspensions?active=true");
  await expect.poll(async () => (await active()).items).toHaveLength(1);
  const [suspension] = (await active()).items;
  expect(await gate.admin("POST", "/accounts/Busy/lift")).toMatchObject({ id: suspension?.id, active: false });
  expect((await repeat(30, () => call(key))).status).toBe(200);
  expect((await call(key)).status).toBe(429);

  const audit = await gate.admin<{ items: Json[] }>("GET", `/audit?subject=${suspension?.id}`);
  expect(audit.items.map(({ actor, action }) => [actor, action])).toEqual([
    ["admin", "suspension.lifted"],
    ["policy", "suspension.started"],
  ]);
  expect(await gate.admin("GET", "/audit/verify")).toMatchObject({ valid: true });
});

test("I8: refusals that are more than ten minutes apart do not add up, and a suspension ends by itself", async () => {
  const upstream = await startUpstream();
  const gate = await serveAt(NOON, "initial-state", upstream.url);
  const key = await issueKey(gate);
  const call = (): Promise<Response> => fetch(`${gate.url}/api/events`, { headers: accessKey(key) });

  expect((await repeat(30 + 99, call)).status).toBe(429);
  gate.clock.now += 600_000;
  expect((await repeat(30 + 100, call)).status).toBe(429);
  expect((await call()).status).toBe(403);
  gate.clock.now += 3_599_000;
  expect((await call()).status).toBe(403);
  gate.clock.now += 1_000;
  expect((await call()).status).toBe(200);
});

test("I9: the access key comes in a header or in the query, and both are one caller", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("initial-state"), upstream.url);
  const [a, b] = [await issueKey(gate, "A"), await issueKey(gate, "B")];
  expect(rateLimit(await fetch(`${gate.url}/api/events`, { headers: accessKey(a) })).remaining).toBe("29");
  expect(rateLimit(await fetch(`${gate.url}/api/events?accessKey=${a.secret}`)).remaining).toBe("28");
  expect(rateLimit(await fetch(`${gate.url}/api/events?accessKey=${b.secret}`)).remaining).toBe("29");
});

test("I9: an access key that is on no record is refused with 401 and rate-limit headers, and goes no further", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("initial-state"), upstream.url);
  const { secret } = await issueKey(gate);
  const refused = [
    await fetch(`${gate.url}/api/events`, { headers: accessKey({ id: "", secret: "made-up" }) }),
    await fetch(`${gate.url}/api/events?accessKey=${secret}x`),
  ];
  for (const [i, response] of refused.entries()) {
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ message: "The access key is not valid." });
    expect(rateLimit(response)).toMatchObject({ limit: "1000", remaining: String(999 - i), retryAfter: null });
  }
  expect(upstream.received).toEqual([]);
});
