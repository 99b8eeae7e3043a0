import { expect, test } from "vitest";
import { keyOnRecord, refusalOf, startRig } from "./rig.ts";

const SQL = [
  "'; drop table accounts; --",
  '"; drop table accounts; --',
  "Robert'); DELETE FROM audit;--",
  "1 or 1=1",
  "' union select secret_hash from api_keys --",
  "$1 ? :name @p1",
  "\\'; select pg_sleep(10); --",
  "{{constructor}} %s %00",
];

test("SQL in a field that takes any text is kept as that text", async () => {
  const { control } = await startRig();
  const { account, key } = await keyOnRecord(control);
  for (const text of SQL) {
    const other = await control.accounts.create({ name: text }, text);
    expect((await control.accounts.get(text)).id).toBe(other.id);
    expect((await control.keys.update(key.id, { name: text }, text)).name).toBe(text);
    const override = await control.overrides.set(
      { subject: { type: "account", id: account.id }, limit: "writes", change: { kind: "unlimited" }, reason: text },
      "admin",
    );
    expect((await control.overrides.get(override.id)).reason).toBe(text);
    const suspension = await control.suspensions.suspend({ caller: "ip", value: text, reason: text }, "admin");
    expect(await control.suspensions.get(suspension.id)).toMatchObject({ value: text, reason: text });
    await control.audit.note({ action: text, subject: { type: text, id: text }, after: { [text]: text } }, text);
    const [noted] = (await control.audit.list({ subjectId: text })).items;
    expect(noted).toMatchObject({ actor: text, action: text, subject: { type: text }, after: { [text]: text } });
  }
  expect(await control.audit.verify()).toMatchObject({ isValid: true, entries: 2 + 5 * SQL.length });
});

test("SQL where an id, a filter or a cursor is meant finds nothing", async () => {
  const { control } = await startRig();
  const { account } = await keyOnRecord(control);
  for (const text of SQL) {
    expect(await refusalOf(control.accounts.update(text, { plan: "pro" }, "admin"))).toMatch(/^HG_ACCOUNT_UNKNOWN /);
    expect(await refusalOf(control.keys.get(text))).toMatch(/^HG_KEY_UNKNOWN /);
    expect(await refusalOf(control.tokens.get(text))).toMatch(/^HG_TOKEN_UNKNOWN /);
    expect(await refusalOf(control.overrides.get(text))).toMatch(/^HG_OVERRIDE_UNKNOWN /);
    expect(await refusalOf(control.suspensions.get(text))).toMatch(/^HG_SUSPENSION_UNKNOWN /);
    expect(await refusalOf(control.keys.list({}, { after: text }))).toMatch(/^HG_CURSOR_INVALID /);
    expect((await control.keys.list({ accountId: text })).items).toEqual([]);
    expect((await control.audit.list({ subjectId: text })).items).toEqual([]);
  }
  expect((await control.accounts.list()).items).toEqual([account]);
});
