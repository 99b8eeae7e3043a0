import { describe, expect, test } from "vitest";
import { START, startRig } from "./rig.ts";

describe("a suspension", () => {
  test("holds from the next request on, and ends when it says", async () => {
    const rig = await startRig();
    const account = await rig.make("accounts", { name: "a" });
    const started = await rig.call("POST", "suspensions", { body: { account: "a", reason: "abuse", for: "1h" } });
    expect([started.status, started.headers.location]).toEqual([201, `/admin/v1/suspensions/${started.body.id}`]);
    expect(started.body).toMatchObject({
      caller: "account",
      value: account.id,
      reason: "abuse",
      ends_at: new Date(START + 3_600_000).toISOString(),
      lifted_at: null,
      active: true,
    });
    expect(rig.control.directory.suspensionOf({ account: account.id }, rig.time.now)?.id).toBe(started.body.id);
    rig.time.now += 3_600_000;
    expect((await rig.call("GET", `suspensions/${started.body.id}`)).body.active).toBe(false);
  });

  test("of a caller that is suspended already makes the one there is longer", async () => {
    const rig = await startRig();
    await rig.make("accounts", { name: "a" });
    const first = await rig.make("suspensions", { account: "a", reason: "abuse", for: "1h" });
    const second = await rig.call("POST", "suspensions", { body: { account: "a", reason: "more abuse" } });
    expect(second.status).toBe(200);
    expect(second.body).toMatchObject({ id: first.id, reason: "more abuse", ends_at: null });
  });

  test("can be a key's, a token's, or an address's", async () => {
    const rig = await startRig();
    await rig.make("accounts", { name: "a" });
    const key = await rig.make("keys", { account: "a" });
    const token = await rig.make("tokens", { key: key.id });
    expect(await rig.make("suspensions", { key: key.id, reason: "x" })).toMatchObject({
      caller: "api-key",
      value: key.id,
    });
    expect(await rig.make("suspensions", { token: token.id, reason: "x" })).toMatchObject({
      caller: "token",
      value: token.id,
    });
    expect(await rig.make("suspensions", { ip: "::ffff:192.0.2.7", reason: "x" })).toMatchObject({
      caller: "ip",
      value: "192.0.2.7",
    });
  });

  test("of an IPv6 address is one of the network that is counted as one", async () => {
    const policy = "callers: { ip: { ipv6-prefix: 56 } }\nlimits: []";
    const suspend = { ip: "2001:db8:1:2ff::9", reason: "x" };
    expect((await (await startRig()).make("suspensions", suspend)).value).toBe("2001:db8:1:2ff::/64");
    const rig = await startRig({ policy });
    expect((await rig.make("suspensions", suspend)).value).toBe("2001:db8:1:200::/56");
    expect((await rig.call("POST", "suspensions", { body: { ...suspend, ip: "2001:db8:1:200::/56" } })).status).toBe(
      200,
    );
  });

  test.each([
    [{ reason: "x" }, "HG_ADMIN_BODY"],
    [{ account: "a", ip: "192.0.2.7", reason: "x" }, "HG_ADMIN_BODY"],
    [{ ip: "localhost", reason: "x" }, "HG_ADMIN_BODY"],
    [{ ip: "192.0.2.0/24", reason: "x" }, "HG_ADMIN_BODY"],
    [{ account: "nobody", reason: "x" }, "HG_ACCOUNT_UNKNOWN"],
    [{ key: "key_none", reason: "x" }, "HG_KEY_UNKNOWN"],
    [{ token: "tok_none", reason: "x" }, "HG_TOKEN_UNKNOWN"],
    [{ account: "a", reason: "" }, "HG_REASON_INVALID"],
    [{ account: "a", reason: "x", for: "401d" }, "HG_LIFETIME_INVALID"],
  ])("needs one caller on record, and a reason: %j is refused with %s", async (body, code) => {
    const rig = await startRig();
    await rig.make("accounts", { name: "a" });
    const before = await rig.auditEntries();
    const { status, body: problem } = await rig.call("POST", "suspensions", { body });
    expect([status, problem.code]).toEqual([422, code]);
    expect(await rig.auditEntries()).toBe(before);
  });

  test("is lifted once", async () => {
    const rig = await startRig();
    const account = await rig.make("accounts", { name: "a" });
    const { id } = await rig.make("suspensions", { account: "a", reason: "abuse" });
    expect(await rig.make(`suspensions/${id}/lift`, {})).toMatchObject({ id, active: false });
    expect(rig.control.directory.suspensionOf({ account: account.id }, rig.time.now)).toBeUndefined();
    const again = await rig.call("POST", `suspensions/${id}/lift`, {});
    expect([again.status, again.body.code]).toEqual([409, "HG_SUSPENSION_OVER"]);
  });

  test("of an account is lifted by the account's name too", async () => {
    const rig = await startRig();
    await rig.make("accounts", { name: "Example Ltd" });
    const { id } = await rig.make("suspensions", { account: "Example Ltd", reason: "abuse" });
    expect(await rig.make("accounts/Example%20Ltd/lift", undefined)).toMatchObject({ id, active: false });
    const again = await rig.call("POST", "accounts/Example%20Ltd/lift", {});
    expect([again.status, again.body.code]).toEqual([409, "HG_SUSPENSION_OVER"]);
  });
});

test("suspensions are listed, all, those that hold, or those that are over", async () => {
  const rig = await startRig();
  const [first, second, third] = [
    await rig.make("suspensions", { ip: "192.0.2.1", reason: "x" }),
    await rig.make("suspensions", { ip: "192.0.2.2", reason: "x", for: "1m" }),
    await rig.make("suspensions", { ip: "192.0.2.3", reason: "x" }),
  ];
  await rig.make(`suspensions/${first.id}/lift`, {});
  rig.time.now += 60_000;
  const ids = async (query: string): Promise<string[]> =>
    (await rig.call("GET", `suspensions${query}`)).body.items.map(({ id }: { id: string }) => id).toSorted();
  expect(await ids("")).toEqual([first.id, second.id, third.id].toSorted());
  expect(await ids("?active=true")).toEqual([third.id]);
  expect(await ids("?active=false")).toEqual([first.id, second.id].toSorted());
  expect((await rig.call("GET", "suspensions?active=maybe")).body.errors).toMatchObject([{ parameter: "active" }]);
});
