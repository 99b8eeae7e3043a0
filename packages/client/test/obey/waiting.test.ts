import { describe, expect, test } from "vitest";
import { type Notice, obey, WaitTooLongError } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { fine, offline, refusal, type Scene, scriptedApi } from "./scripted-api.ts";

const URL = "https://api.example.com/things";

/** Calls once, and says how it ended and how often it was sent. */
async function callOf(scenes: readonly Scene[], init: Parameters<ReturnType<typeof obey>>[1] = {}, options = {}) {
  const clock = virtualClock();
  const server = scriptedApi(clock, ...scenes);
  const api = obey(server.fetch, { clock, ...options });
  const outcome = await clock.until(api(URL, init).catch((error: unknown) => error as Error));
  expect(clock.sleepers()).toBe(0);
  return { outcome, sent: server.times.length, server };
}

describe("what is retried", () => {
  test.each(["GET", "POST", "PATCH", "PUT", "DELETE"])(
    "a %s that was refused with 429, for it was not done",
    async (method) => {
      const { outcome, sent } = await callOf([refusal({ "retry-after": "1" }), fine], { method });
      expect(outcome).toMatchObject({ status: 200 });
      expect(sent).toBe(2);
    },
  );

  test.each(["GET", "PUT", "DELETE"])("a %s that met a 503 that says when, or no network", async (method) => {
    const unwell = refusal({ "retry-after": "1" }, "unwell", 503);
    const { outcome, sent } = await callOf([unwell, offline, fine], { method });
    expect(outcome).toMatchObject({ status: 200 });
    expect(sent).toBe(3);
  });

  test.each(["POST", "PATCH"])("no %s that may have been done", async (method) => {
    const unwell = await callOf([refusal({ "retry-after": "1" }, "unwell", 503), fine], { method });
    expect(unwell.outcome).toMatchObject({ status: 503 });
    expect(unwell.sent).toBe(1);
    const lost = await callOf([offline, fine], { method });
    expect(lost.outcome).toMatchObject({ message: "fetch failed" });
    expect(lost.sent).toBe(1);
  });

  test("a POST with an Idempotency-Key of its own, even so", async () => {
    const init = { method: "POST", headers: { "Idempotency-Key": "mine" }, body: "x" };
    const { outcome, server } = await callOf([offline, fine], init, { idempotencyKeys: true });
    expect(outcome).toMatchObject({ status: 200 });
    expect(server.requests.map(({ headers }) => headers.get("idempotency-key"))).toEqual(["mine", "mine"]);
  });

  test("a POST that is given a key, which is the same for all attempts and another for the next call", async () => {
    const init = { method: "post", headers: [["x-other", "kept"]] as [string, string][], body: "x" };
    const first = await callOf([offline, refusal(), fine], init, { idempotencyKeys: true });
    const second = await callOf([fine], init, { idempotencyKeys: true });
    const keys = [...first.server.requests, ...second.server.requests].map(({ headers }) =>
      headers.get("idempotency-key"),
    );
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(2);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(first.server.requests[2]?.headers.get("x-other")).toBe("kept");
  });

  test("no GET is given a key, and no POST unless it is asked for", async () => {
    const get = await callOf([fine], {}, { idempotencyKeys: true });
    const post = await callOf([fine], { method: "POST" });
    for (const { server } of [get, post]) expect(server.requests[0]?.headers.has("idempotency-key")).toBe(false);
  });

  test.each([400, 403, 404, 500, 502, 503, 504])("no answer with %i that does not say when", async (status) => {
    const { outcome, sent } = await callOf([() => new Response(null, { status }), fine]);
    expect(outcome).toMatchObject({ status });
    expect(sent).toBe(1);
  });

  test.each(["0", "Fri, 15 Jan 2027 07:59:59 GMT"])(
    "a 503 that said so, but %s is no wait: it backs off",
    async (value) => {
      const unwell = refusal({ "retry-after": value }, "unwell", 503);
      const { outcome, server } = await callOf([unwell, fine]);
      expect(outcome).toMatchObject({ status: 200 });
      expect(server.times[1]).toBeGreaterThanOrEqual(1_000);
      expect((await callOf([unwell, fine], { method: "POST" })).outcome).toMatchObject({ status: 503 });
    },
  );

  test("no call that failed for what it is, and not for the network", async () => {
    const astray = () => {
      throw new TypeError("fetch failed", { cause: new Error("redirect count exceeded") });
    };
    expect(await callOf([astray, fine])).toMatchObject({ outcome: { message: "fetch failed" }, sent: 1 });
    const lost = () => {
      throw new TypeError("fetch failed", { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) });
    };
    expect(await callOf([lost, fine])).toMatchObject({ outcome: { status: 200 }, sent: 2 });
  });

  test("no call that no request can be made of", async () => {
    const { outcome, sent } = await callOf([fine], { method: "GET", body: "a GET has none" });
    expect(outcome).toBeInstanceOf(TypeError);
    expect(sent).toBe(0);
    const clock = virtualClock();
    await expect(obey(scriptedApi(clock, fine).fetch, { clock })("no URL")).rejects.toBeInstanceOf(TypeError);
  });
});

describe("a wait that is too long", () => {
  test("fails at once, with the wait, and the refusal to be read", async () => {
    const { outcome, sent } = await callOf([refusal({ "retry-after": "3600" }, "in an hour")]);
    expect(outcome).toBeInstanceOf(WaitTooLongError);
    const { waitMs, response, code, message } = outcome as WaitTooLongError;
    expect([sent, waitMs, response?.status, code]).toEqual([1, 3_600_000, 429, "HG_WAIT_TOO_LONG"]);
    expect(message).toContain("in 3600 s");
    expect(await response?.text()).toBe("in an hour");
  });

  test.each(["9999999999", "999999999999999", "1e9999"])("of Retry-After: %s is never waited for", async (value) => {
    const { outcome, sent } = await callOf([refusal({ "retry-after": value }), fine]);
    expect(sent === 1 ? outcome : "backed off").toSatisfy(
      (end) => end === "backed off" || end instanceof WaitTooLongError,
    );
  });

  test("is one past the patience of all calls, or of this one", async () => {
    const minute = [refusal({ "retry-after": "60" }), fine];
    expect((await callOf(minute)).outcome).toMatchObject({ status: 200 });
    expect((await callOf(minute, {}, { patienceMs: 59_999 })).outcome).toBeInstanceOf(WaitTooLongError);
    expect((await callOf(minute, {}, { patienceMs: 60_000 })).outcome).toMatchObject({ status: 200 });
    expect((await callOf(minute, { obey: { patienceMs: 1_000 } })).outcome).toBeInstanceOf(WaitTooLongError);
  });

  test("is one past the deadline, which counts from the first attempt", async () => {
    const { outcome, sent } = await callOf([refusal({ "retry-after": "40" })], { obey: { deadlineMs: 100_000 } });
    expect(outcome).toBeInstanceOf(WaitTooLongError);
    expect(sent).toBe(3);
  });

  test("is not what a network error turns into: that is thrown as it is", async () => {
    const { outcome, sent } = await callOf([offline], { obey: { deadlineMs: 2_000 } });
    expect(outcome).toMatchObject({ message: "fetch failed" });
    expect(sent).toBe(2);
  });

  test("fails those at once, too, who come while others were told to wait", async () => {
    const clock = virtualClock();
    const server = scriptedApi(clock, refusal({ "retry-after": "3600" }));
    const api = obey(server.fetch, { clock });
    await expect(clock.until(api(URL))).rejects.toBeInstanceOf(WaitTooLongError);
    const second = clock.until(api(URL)).catch((error: WaitTooLongError) => error);
    const { waitMs, response } = (await second) as WaitTooLongError;
    expect([Math.floor(waitMs / 1000), response]).toEqual([3_600, undefined]);
    expect(server.times).toHaveLength(1);
  });
});

describe("when to stop", () => {
  test("the last refusal is the answer when the attempts are used up, and its body is there", async () => {
    const { outcome, sent } = await callOf([refusal({ "retry-after": "1" }, "still too many")], {}, { attempts: 3 });
    expect(sent).toBe(3);
    expect(outcome).toMatchObject({ status: 429 });
    expect(await (outcome as unknown as Response).text()).toBe("still too many");
  });

  test("the last network error is thrown when the attempts are used up", async () => {
    const { outcome, sent } = await callOf([offline]);
    expect(sent).toBe(5);
    expect(outcome).toMatchObject({ message: "fetch failed" });
  });

  test.each([
    ["of a plan", { error: { type: "plan_limit_exceeded" } }],
    ["of an account that has not paid", { error: { message: "…", type: "insufficient_quota", code: null } }],
    ["of a day", { error: { errors: [{ reason: "dailyLimitExceeded" }] } }],
    ["of a month, as a list of errors", { errors: [{ code: "monthly_quota_exceeded" }] }],
    ["by the bare word", { error: "usage_limit_reached" }],
  ])("a quota %s that is spent is not asked for again", async (_, body) => {
    const { outcome, sent } = await callOf([refusal({ "retry-after": "1" }, JSON.stringify(body)), fine]);
    expect(outcome).toMatchObject({ status: 429 });
    expect(await (outcome as unknown as Response).json()).toEqual(body);
    expect(sent).toBe(1);
  });

  test.each([
    { type: "https://iana.org/assignments/http-problem-types#quota-exceeded" },
    { error: { type: "rate_limit_exceeded" } },
    { type: "quota-exceeded" },
    ["plan", null, 7],
    null,
  ])("a limit that is met is asked for again: %j", async (body) => {
    const { outcome } = await callOf([refusal({ "retry-after": "1" }, JSON.stringify(body)), fine]);
    expect(outcome).toMatchObject({ status: 200 });
  });

  test("what is spent can be told by the caller", async () => {
    const isSpent = async (response: Response, body: unknown) =>
      response.headers.has("x-spent") && (body as { code: number }).code === 7;
    const spent = refusal({ "x-spent": "1" }, '{"code":7}');
    expect((await callOf([spent, fine], {}, { isSpent })).outcome).toMatchObject({ status: 429 });
    expect((await callOf([refusal({ "x-spent": "1" }, '{"code":8}'), fine], {}, { isSpent })).sent).toBe(2);
  });

  test("a host that fails is not sent twice as much: the budget runs out, and successes earn it back", async () => {
    const clock = virtualClock();
    let isUp = false;
    let sent = 0;
    const fetch = async () => {
      sent++;
      if (!isUp) throw new TypeError("fetch failed");
      return new Response("fine");
    };
    const api = obey(fetch, { clock, retryBudget: { retries: 10, successesPerRetry: 5 }, pace: false });
    const calls = async (count: number) => {
      sent = 0;
      for (let i = 0; i < count; i++) await clock.until(api(URL)).catch(() => {});
      return sent;
    };
    expect(await calls(100)).toBe(110);
    isUp = true;
    expect(await calls(10)).toBe(10);
    isUp = false;
    expect(await calls(100)).toBe(102);
  });

  test("the budget is not spent by retries that the API asked for", async () => {
    const { outcome } = await callOf([refusal({ "retry-after": "1" }), fine], {}, { retryBudget: { retries: 0 } });
    expect(outcome).toMatchObject({ status: 200 });
    const silent = await callOf([refusal(), fine], {}, { retryBudget: { retries: 0 } });
    expect(silent.outcome).toMatchObject({ status: 429 });
  });

  test("a host's budget is its own", async () => {
    const clock = virtualClock();
    const server = scriptedApi(clock, offline);
    const api = obey(server.fetch, { clock, retryBudget: { retries: 1 } });
    for (const host of ["a", "b"]) await clock.until(api(`https://${host}.example.com/`).catch(() => {}));
    expect(server.times).toHaveLength(4);
  });
});

describe("options that cannot be kept to", () => {
  test.each([
    { attempts: 0 },
    { patienceMs: Number.NaN },
    { deadlineMs: -1 },
    { concurrency: 0 },
    { backoff: { firstMs: -1 } },
    { retryBudget: { retries: -1 } },
    { dialect: { windowMs: -1 } },
    { dialect: { remaining: "x left" } },
  ])("%j is refused before any call", (options) => {
    expect(() => obey(fetch, options)).toThrow(expect.objectContaining({ code: "HG_OBEY_OPTION" }));
  });

  test("are refused of a call, too, by the call", async () => {
    const { outcome, sent } = await callOf([fine], { obey: { attempts: 0 } });
    expect(outcome).toMatchObject({ code: "HG_OBEY_OPTION", message: "attempts is 0, and must be 1 or more" });
    expect(sent).toBe(0);
  });

  test("a priority may be any number, but has to be one", async () => {
    expect((await callOf([fine], { obey: { priority: -5 } })).outcome).toMatchObject({ status: 200 });
    const { outcome } = await callOf([fine], { obey: { priority: Number.NaN } });
    expect(outcome).toMatchObject({ code: "HG_OBEY_OPTION", message: "priority is NaN, and must be a number" });
  });

  test("are not those that are undefined: these are as if they were not there", async () => {
    const options = { patienceMs: undefined, deadlineMs: undefined, attempts: undefined, isSpent: undefined };
    const { outcome, sent } = await callOf([refusal({ "retry-after": "1" })], {}, options);
    expect(outcome).toMatchObject({ status: 429 });
    expect(sent).toBe(5);
  });
});

describe("notices", () => {
  test("tell each decision with its reason, and no secret of the URL", async () => {
    const clock = virtualClock();
    const notices: Notice[] = [];
    const server = scriptedApi(clock, refusal({ "retry-after": "1" }), offline, refusal({ "retry-after": "3600" }));
    const api = obey(server.fetch, { clock, onNotice: (notice) => notices.push(notice) });
    const secretive = "https://api.example.com/things?key=secret#secret";
    await clock.until(api(secretive, { headers: { authorization: "secret" } }).catch(() => {}));
    expect(JSON.stringify([notices, [...api.limits()]])).not.toContain("secret");
    const call = { method: "GET", url: "https://api.example.com/things" };
    const wait = expect.any(Number);
    expect(notices).toEqual([
      { ...call, kind: "waiting", attempt: 1, waitMs: wait, reason: "429, told to wait" },
      { ...call, kind: "retried", attempt: 2, reason: "429, told to wait" },
      { ...call, kind: "waiting", attempt: 2, waitMs: wait, reason: "network failure" },
      { ...call, kind: "retried", attempt: 3, reason: "network failure" },
      { ...call, kind: "gave-up", attempt: 3, waitMs: 3_600_000, reason: "the wait is too long" },
    ]);
  });

  test("tell who was kept by the gate, and what it made of that", async () => {
    const clock = virtualClock();
    const notices: Notice[] = [];
    const server = scriptedApi(clock, refusal({ "retry-after": "5" }), fine);
    const api = obey(server.fetch, { clock, onNotice: (notice) => notices.push(notice) });
    const first = api(URL);
    await clock.advance(1);
    await clock.until(Promise.all([first, api(`${URL}/2`)]));
    expect(notices).toContainEqual({
      kind: "paced",
      method: "GET",
      url: `${URL}/2`,
      reason: "held",
      waitMs: expect.any(Number),
    });
  });

  test.each([
    ["at once", () => expect.unreachable("the log is full")],
    ["later", () => Promise.reject(new Error("the log is full"))],
  ])("that are thrown at, %s, change nothing", async (_, onNotice) => {
    const { outcome } = await callOf([refusal({ "retry-after": "1" }), fine], {}, { onNotice });
    expect(outcome).toMatchObject({ status: 200 });
  });
});
