import { describe, expect, test } from "vitest";
import { HOUR_MS, keyOnRecord, START, startRig } from "./rig.ts";

const ACCESS = { kind: "access", prefix: "hg_at_", lifetimeMs: HOUR_MS } as const;

async function identified() {
  const rig = await startRig();
  const { control } = rig;
  const { account, key, secret } = await keyOnRecord(control);
  const { token, secret: tokenSecret } = await control.tokens.mint({ ...ACCESS, keyId: key.id }, key.id);
  const ofKey = control.directory.identify(secret, START);
  const ofToken = control.directory.identify(tokenSecret, START);
  if (!ofKey || !ofToken) throw new Error("not on record");
  const current = (now = START) => [ofKey, ofToken].map((identity) => control.directory.isCurrent(identity, now));
  return { ...rig, account, key, token, current };
}

describe("who was identified some time ago may still be served", () => {
  test("until the credential ends", async () => {
    const { current } = await identified();
    expect(current(START + HOUR_MS - 1)).toEqual([true, true]);
    expect(current(START + HOUR_MS)).toEqual([true, false]);
  });

  test("until the token is revoked", async () => {
    const { control, token, current } = await identified();
    await control.tokens.revoke(token.id, "test");
    expect(current()).toEqual([true, false]);
  });

  test("until the key is revoked, and with it its tokens", async () => {
    const { control, key, current } = await identified();
    await control.keys.revoke(key.id, "test");
    expect(current()).toEqual([false, false]);
  });

  test("while neither it nor its account is suspended", async () => {
    const { control, account, key, current } = await identified();
    const suspend = (caller: "account" | "api-key", value: string) =>
      control.suspensions.suspend({ caller, value, reason: "test", endsAt: START + HOUR_MS / 2 }, "test");
    await suspend("account", account.id);
    expect(current()).toEqual([false, false]);
    expect(current(START + HOUR_MS / 2)).toEqual([true, true]);
    await suspend("api-key", key.id);
    expect(current()).toEqual([false, false]);
  });

  test("also after its plan has changed", async () => {
    const { control, account, current } = await identified();
    await control.accounts.update(account.id, { plan: "pro" }, "test");
    expect(current()).toEqual([true, true]);
  });
});
