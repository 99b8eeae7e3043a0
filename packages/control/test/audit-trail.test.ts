import { describe, expect, test } from "vitest";
import { execute, refusalOf, START, startRig } from "./rig.ts";

const REST = "time, actor, action, subject_type, subject_id, before, after, hash";
const COPY = `insert into audit (seq, ${REST})`;

/** A record of six changes. */
async function sixChanges() {
  const rig = await startRig();
  for (const name of ["a", "b", "c", "d", "e"]) await rig.control.accounts.create({ name }, "admin");
  const subject = { type: "ip", id: "192.0.2.1" };
  await rig.control.audit.note({ action: "usage.reset", subject, after: { limit: "writes" } }, "admin");
  return rig;
}

describe("the audit", () => {
  test("of no change at all is whole", async () => {
    const { control } = await startRig();
    expect(await control.audit.verify()).toEqual({
      isValid: true,
      entries: 0,
      head: "0".repeat(64),
      brokenAt: undefined,
    });
  });

  test("as it was written is whole, also after a restart", async () => {
    const { control, reopen } = await sixChanges();
    const verdict = await control.audit.verify();
    expect(verdict).toMatchObject({ isValid: true, entries: 6, brokenAt: undefined });
    expect((await control.audit.list()).items[0]?.hash).toBe(verdict.head);
    expect(await (await reopen()).audit.verify()).toEqual(verdict);
  });

  test("is read the newest first, in pages", async () => {
    const { control } = await sixChanges();
    const first = await control.audit.list({}, { limit: 4 });
    await control.accounts.create({ name: "f" }, "admin");
    const second = await control.audit.list({}, { limit: 4, after: first.next });
    expect([...first.items, ...second.items].map(({ seq }) => seq)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(second.next).toBeUndefined();
    expect(first.items[0]).toMatchObject({
      time: START,
      actor: "admin",
      action: "usage.reset",
      subject: { type: "ip", id: "192.0.2.1" },
      before: undefined,
      after: { limit: "writes" },
    });
    for (const after of ["", "x", Buffer.from("0").toString("base64url"), Buffer.from("1e3").toString("base64url")]) {
      expect(await refusalOf(control.audit.list({}, { after }))).toMatch(/^HG_CURSOR_INVALID /);
    }
  });

  test.each([
    ["an entry's text edited", "update audit set after = replace(after, '\"c\"', '\"x\"') where seq = 3", 3],
    ["an entry's time edited", "update audit set time = time + 1 where seq = 4", 4],
    ["an entry's author edited", "update audit set actor = 'nobody' where seq = 1", 1],
    ["the last entry edited", "update audit set action = 'x' where seq = 6", 6],
    ["an entry's hash edited", "update audit set hash = 'x' where seq = 2", 2],
    ["an entry removed", "delete from audit where seq = 2", 2],
    ["the first entry removed", "delete from audit where seq = 1", 1],
    ["the last entries removed", "delete from audit where seq >= 5", 5],
    ["all entries removed", "delete from audit", 1],
    ["an entry added after the last", `${COPY} select seq + 1, ${REST} from audit where seq = 6`, 7],
    ["an entry added before the first", `${COPY} select 0, ${REST} from audit where seq = 1`, 1],
    ["the head moved back", "update audit_head set seq = 5", 6],
    ["the head's hash edited", "update audit_head set hash = 'x'", 6],
  ])("with %s shows where it is broken", async (_what, sql, brokenAt) => {
    const { control } = await sixChanges();
    await execute(control.storage, sql);
    expect(await control.audit.verify()).toMatchObject({ isValid: false, brokenAt });
  });

  test("with two entries in each other's place shows it", async () => {
    const { control } = await sixChanges();
    for (const [from, to] of [
      [2, 99],
      [3, 2],
      [99, 3],
    ] as const) {
      await execute(control.storage, "update audit set seq = ? where seq = ?", [to, from]);
    }
    expect(await control.audit.verify()).toMatchObject({ isValid: false, entries: 1, brokenAt: 2 });
  });

  test("with an entry put in between, and all after it moved up, shows it", async () => {
    const { control } = await sixChanges();
    for (const seq of [6, 5, 4, 3])
      await execute(control.storage, `update audit set seq = ${seq + 1} where seq = ${seq}`);
    await execute(control.storage, `${COPY} select 3, ${REST} from audit where seq = 2`);
    await execute(control.storage, "update audit_head set seq = 7");
    expect(await control.audit.verify()).toMatchObject({ isValid: false, brokenAt: 3 });
  });

  test("cut off with a head to match is whole again, but its head is not the one that was noted", async () => {
    const { control } = await sixChanges();
    const { head } = await control.audit.verify();
    await execute(control.storage, "delete from audit where seq > 4");
    await execute(control.storage, "update audit_head set seq = 4, hash = (select hash from audit where seq = 4)");
    const verdict = await control.audit.verify();
    expect(verdict).toMatchObject({ isValid: true, entries: 4 });
    expect(verdict.head).not.toBe(head);
  });

  test("longer than one page is gone through to its end, while more is added", async () => {
    const { control } = await startRig();
    const create = (i: number): Promise<unknown> => control.accounts.create({ name: `account ${i}` }, "admin");
    await Promise.all(Array.from({ length: 2_500 }, (_, i) => create(i)));
    const [verdict] = await Promise.all([control.audit.verify(), create(2_501), create(2_502)]);
    expect(verdict.isValid).toBe(true);
    await execute(control.storage, "update audit set actor = 'x' where seq = 2400");
    expect(await control.audit.verify()).toMatchObject({ isValid: false, brokenAt: 2400 });
  });
});
