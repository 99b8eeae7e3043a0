import { beforeAll, describe, expect, test } from "vitest";
import { type Json, type Method, openRig, type Rig, startRig } from "./rig.ts";

/** Every endpoint that takes a body, with one that it takes; ids are put in for `ACCOUNT`, `KEY`, `TOKEN`, `SUSPENSION`. */
const BODIES: readonly [Method, string, Readonly<Record<string, unknown>>][] = [
  ["POST", "accounts", { name: "b", plan: "pro" }],
  ["PATCH", "accounts/a", { name: "b", plan: "pro" }],
  ["POST", "accounts/a/lift", {}],
  ["POST", "keys", { account: "a", name: "k", prefix: "ex_", scopes: ["read"], expires_in: "1d" }],
  ["PATCH", "keys/KEY", { name: "k", scopes: ["read"], expires_at: "2031-01-01T00:00:00Z" }],
  ["POST", "keys/KEY/rotate", { overlap: "1h" }],
  ["POST", "keys/KEY/revoke", {}],
  ["POST", "tokens", { key: "KEY", widget: true, for: "1h", scopes: ["read"] }],
  ["POST", "tokens/TOKEN/revoke", {}],
  ["POST", "overrides", { account: "a", limit: "writes", quota: 5, for: "1h", reason: "why" }],
  ["POST", "suspensions", { account: "a", reason: "why", for: "1h" }],
  ["POST", "suspensions/SUSPENSION/lift", {}],
  ["POST", "usage/reset", { account: "a", limit: "account" }],
];

const LISTS = ["accounts", "keys", "tokens", "overrides", "suspensions", "audit"];
const POLICY = `
callers: { api-key: { bearer: true } }
credentials: managed
limits: [{ name: account, per: account, quota: 5, window: 1m, plans: { pro: { quota: 9 } } }, { name: writes, per: account, quota: 5, window: 1m }]`;

const SQL = ["' OR 1=1 --", `"; DROP TABLE accounts; --`, "a'); DELETE FROM audit; --", "$1 ? :name %s \\"];

/** What is refused changes nothing, so one rig serves all tests of that; those that change something have their own. */
let rig: Rig;
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  rig = await openRig({ policy: POLICY });
  ids = await fill(rig);
  return () => rig.close();
});

/** Puts one of everything on record. */
async function fill(own: Rig): Promise<Record<string, string>> {
  const account = await own.make("accounts", { name: "a" });
  const key = await own.make("keys", { account: "a" });
  const token = await own.make("tokens", { key: key.id });
  const suspension = await own.make("suspensions", { account: "a", reason: "why" });
  return { ACCOUNT: account.id, KEY: key.id, TOKEN: token.id, SUSPENSION: suspension.id };
}

const withIds = (text: string, own = ids): string => text.replace(/[A-Z]{3,}/g, (name) => own[name] ?? name);

/** Sends bad input, which must be answered with a problem, and change nothing. */
async function refused(method: Method, path: string, asked: Parameters<Rig["call"]>[2]): Promise<Json> {
  const before = await rig.control.audit.verify();
  const { status, body } = await rig.call(method, withIds(path), asked);
  expect([status >= 400 && status < 500, `${status} ${path} ${JSON.stringify(body)}`]).toEqual([
    true,
    expect.anything(),
  ]);
  expect(await rig.control.audit.verify()).toEqual(before);
  return body;
}

describe.each(BODIES)("%s %s", (method, path, good) => {
  const body = (): Record<string, unknown> => JSON.parse(withIds(JSON.stringify(good)));

  test("refuses fields that it does not know, and names them", async () => {
    for (const name of ["nmae", "id", "__proto__", "constructor", "toString", "ä/~"]) {
      const raw = `{${JSON.stringify(name)}: 1${Object.entries(body())
        .map(([key, value]) => `, ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
        .join("")}}`;
      const problem = await refused(method, path, { raw });
      expect(problem).toMatchObject({ status: 422, code: "HG_ADMIN_BODY" });
      expect(problem.errors[0].detail).toBe("is not a field of this");
    }
  });

  test("refuses values of the wrong type, and says where they are", async () => {
    for (const name of Object.keys(good)) {
      for (const value of [{}, [{}], Number.MAX_VALUE, [null], { $ne: "" }]) {
        const problem = await refused(method, path, { body: { ...body(), [name]: value } });
        expect([problem.status, problem.errors?.[0]?.pointer?.split("/")[1] ?? name]).toEqual([422, name]);
      }
    }
  });

  test("refuses what is no object", async () => {
    for (const value of [[], "text", 5, true, null, [[[]]]]) {
      if (value === null && Object.keys(good).length === 0) continue;
      expect((await refused(method, path, { raw: JSON.stringify(value) })).code).toBe("HG_ADMIN_BODY");
    }
  });

  test("refuses text that cannot be kept: too long, with NUL, with half a character", async () => {
    for (const [name, value] of Object.entries(good)) {
      if (typeof value !== "string") continue;
      for (const text of ["x".repeat(10_000), "a\0b", "\ud800", "\u202egnp", "a\nb", " a "]) {
        const raw = JSON.stringify({ ...body(), [name]: text });
        expect((await refused(method, path, { raw })).status).toBe(422);
      }
    }
  });

  test("refuses what is not JSON, is of another type, or can be read in two ways", async () => {
    const send = async (raw: string | Buffer, contentType = "application/json"): Promise<unknown[]> => {
      const { status, code } = await refused(method, path, { raw, headers: { "content-type": contentType } });
      return [status, code];
    };
    expect(await send("{")).toEqual([400, "HG_ADMIN_JSON"]);
    expect(await send("{'name':'x'}")).toEqual([400, "HG_ADMIN_JSON"]);
    expect(await send(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toEqual([400, "HG_ADMIN_JSON"]);
    expect(await send(`{"name":"a","na\\u006de":"b"}`)).toEqual([400, "HG_ADMIN_JSON"]);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"]) {
      expect(await send("{}", type)).toEqual([415, "HG_ADMIN_MEDIA_TYPE"]);
    }
    expect(await send(`{"name":"${"x".repeat(70_000)}"}`)).toEqual([413, "HG_ADMIN_TOO_LARGE"]);
  });

  test("takes SQL for the text that it is", async () => {
    const own = await startRig({ policy: POLICY });
    const ownIds = await fill(own);
    for (const text of SQL) {
      for (const [name, value] of Object.entries(good)) {
        if (typeof value !== "string") continue;
        const body = { ...JSON.parse(withIds(JSON.stringify(good), ownIds)), [name]: text };
        expect((await own.call(method, withIds(path, ownIds), { body })).status).toBeLessThan(500);
      }
    }
    expect(await own.control.audit.verify()).toMatchObject({ isValid: true });
    expect((await own.control.accounts.list()).items.length).toBeGreaterThan(0);
  });
});

test("a query is held to what it takes, as a body is", async () => {
  for (const list of LISTS) {
    for (const query of [
      "limit=0",
      "limit=101",
      "limit=1.5",
      "limit=x",
      "limit=1&limit=2",
      "cursor=%00",
      "nothing=1",
    ]) {
      const problem = await refused("GET", `${list}?${query}`, {});
      expect([query, problem.status, problem.code]).toEqual([query, 400, "HG_ADMIN_QUERY"]);
    }
    for (const cursor of ["x", "!!!", "1", "x".repeat(1000)]) {
      expect((await refused("GET", `${list}?cursor=${cursor}`, {})).code).toBe("HG_CURSOR_INVALID");
    }
  }
});

test("a filter that names nobody is no filter that finds nothing", async () => {
  for (const query of ["keys?account=", "tokens?account=", "tokens?key=", "overrides?key="]) {
    expect((await refused("GET", query, {})).status).toBe(404);
  }
});

test("an id in a path is looked up as it is, whatever is in it", async () => {
  for (const list of ["accounts", "keys", "tokens", "overrides", "suspensions"]) {
    for (const id of [
      "..%2F..%2Fetc",
      "%F0%9F%98%80",
      encodeURIComponent("' OR 1=1 --"),
      "x".repeat(1000),
      "__proto__",
    ]) {
      expect((await refused("GET", `${list}/${id}`, {})).status).toBe(404);
    }
    expect((await refused("GET", `${list}/%00`, {})).code).toBe("HG_ADMIN_QUERY");
    expect((await refused("GET", `${list}/%ff`, {})).code).toBe("HG_ADMIN_REQUEST");
    expect((await refused("GET", `${list}/${"x".repeat(5000)}`, {})).code).toBe("HG_ADMIN_REQUEST");
  }
});

test("a path answers the methods that it has, and says which these are", async () => {
  for (const [method, path, allow] of [
    ["DELETE", "accounts", "GET, HEAD, POST"],
    ["PUT", "accounts/a", "GET, HEAD, PATCH"],
    ["GET", "keys/x/revoke", "POST"],
    ["OPTIONS", "audit", "GET, HEAD"],
    ["PATCH", "overrides/x", "DELETE, GET, HEAD"],
  ] as const) {
    const answer = await rig.call(method, path);
    expect([path, answer.status, answer.headers.allow, answer.body.code]).toEqual([
      path,
      405,
      allow,
      "HG_ADMIN_METHOD",
    ]);
  }
  for (const path of ["", "/", "/nothing", "/accounts/a/b", "/Accounts"]) {
    expect((await rig.call("GET", `/admin/v1${path}`)).body.code).toBe("HG_ADMIN_PATH");
  }
});

test("HEAD is answered where GET is, without a body", async () => {
  const { status, text, headers } = await rig.call("HEAD", "accounts/a");
  expect([status, text, headers.etag]).toEqual([200, "", '"1"']);
});
