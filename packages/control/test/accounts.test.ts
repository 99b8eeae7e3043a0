import { describe, expect, test } from "vitest";
import { actionsOf, refusalOf, START, startRig } from "./rig.ts";

describe("an account", () => {
  test("is found by its id and by its name, whatever the case, width and blanks it is asked for in", async () => {
    const { control } = await startRig();
    const account = await control.accounts.create({ name: "Café Nord 1", plan: "pro" }, "admin");
    expect(account).toMatchObject({ name: "Café Nord 1", plan: "pro", version: 1, createdAt: START, updatedAt: START });
    expect(account.id).toMatch(/^acc_[0-9a-hjkmnp-tv-z]{26}$/);
    for (const asked of [account.id, "Café Nord 1", "CAFÉ NORD 1", "Cafe\u0301 nord 1", "ｃafé  nord\u00a01"]) {
      expect(await control.accounts.get(asked)).toEqual(account);
    }
  });

  test("that is not on record is said to be unknown, whatever it is asked for by", async () => {
    const { control } = await startRig();
    const strangers = [
      "",
      "nobody",
      "acc_",
      "acc_01k5j8y3m2q4r6s8t0v2w4x6z8",
      "key_x",
      "\0",
      "\ud800",
      "x".repeat(1e6),
    ];
    for (const stranger of strangers)
      expect(await refusalOf(control.accounts.get(stranger))).toMatch(/^HG_ACCOUNT_UNKNOWN /);
  });

  test("cannot take a name that reads like another's, neither when made nor later", async () => {
    const { control } = await startRig();
    await control.accounts.create({ name: "Example" }, "admin");
    const other = await control.accounts.create({ name: "Other" }, "admin");
    for (const name of ["Example", "EXAMPLE", "Ｅｘａｍｐｌｅ"]) {
      expect(await refusalOf(control.accounts.create({ name }, "admin"))).toMatch(/^HG_NAME_TAKEN /);
      expect(await refusalOf(control.accounts.update(other.id, { name }, "admin"))).toMatch(/^HG_NAME_TAKEN /);
    }
    expect(await actionsOf(control)).toEqual(["account.created", "account.created"]);
  });

  test("can change how its own name is written", async () => {
    const { control } = await startRig();
    const { id } = await control.accounts.create({ name: "example" }, "admin");
    expect(await control.accounts.update(id, { name: "Example" }, "admin")).toMatchObject({
      name: "Example",
      version: 2,
    });
  });

  test("may be called by 100 characters of any script", async () => {
    const { control } = await startRig();
    for (const name of ["漢".repeat(100), "🦉".repeat(100), "Ünïcödé & Söhne (日本) — №1"]) {
      expect((await control.accounts.create({ name }, "admin")).name).toBe(name);
      expect((await control.accounts.get(name)).name).toBe(name);
    }
  });

  test("is put on a plan and taken off it, and every change is in the audit as it was before and after", async () => {
    const { control, time } = await startRig();
    const account = await control.accounts.create({ name: "Example" }, "admin");
    time.now += 1000;
    await control.accounts.update(account.id, { plan: "pro" }, "command");
    const off = await control.accounts.update(account.id, { plan: null }, "admin");
    expect(off).toMatchObject({ plan: undefined, version: 3, updatedAt: START + 1000 });
    const [last, middle] = (await control.audit.list({ subjectId: account.id })).items;
    expect(last).toMatchObject({
      seq: 3,
      actor: "admin",
      action: "account.updated",
      subject: { type: "account", id: account.id },
      before: { plan: "pro", version: 2 },
      after: { plan: null, version: 3, updated_at: "2030-01-01T00:00:01.000Z" },
    });
    expect(middle).toMatchObject({ actor: "command", before: { plan: null }, after: { plan: "pro" } });
  });

  test("that is told to be as it is stays of the same version, and out of the audit", async () => {
    const { control } = await startRig();
    const account = await control.accounts.create({ name: "Example", plan: "pro" }, "admin");
    expect(await control.accounts.update(account.id, { name: "Example", plan: "pro" }, "admin")).toEqual(account);
    expect(await actionsOf(control)).toEqual(["account.created"]);
  });

  test("is not overwritten by who has seen an older version of it", async () => {
    const { control } = await startRig();
    const { id } = await control.accounts.create({ name: "Example" }, "admin");
    await control.accounts.update(id, { plan: "pro" }, "admin", { ifVersion: 1 });
    const late = control.accounts.update(id, { plan: "free" }, "admin", { ifVersion: 1 });
    expect(await refusalOf(late)).toMatch(/^HG_VERSION_CONFLICT .*version 2 now/);
    expect((await control.accounts.get(id)).plan).toBe("pro");
  });

  test("takes all changes that come at once, one after the other", async () => {
    const { control } = await startRig();
    const { id } = await control.accounts.create({ name: "Example" }, "admin");
    const plans = ["a", "b", "c", "d", "e", "f"];
    await Promise.all(plans.map((plan) => control.accounts.update(id, { plan }, "admin")));
    expect((await control.accounts.get(id)).version).toBe(7);
    expect((await control.audit.verify()).isValid).toBe(true);
  });

  test("of a name that two ask for at once is given to one of them", async () => {
    const { control } = await startRig();
    const create = (): Promise<unknown> => control.accounts.create({ name: "Example" }, "admin");
    const outcomes = await Promise.allSettled([create(), create(), create()]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected", "rejected"]);
    expect((await control.accounts.list()).items).toHaveLength(1);
  });

  test("can be on no plan that a policy could not name", async () => {
    const { control } = await startRig();
    for (const plan of ["", " pro", "pro\u0000", "x".repeat(129)]) {
      expect(await refusalOf(control.accounts.create({ name: "Example", plan }, "admin"))).toMatch(/^HG_NAME_INVALID /);
    }
  });
});

describe("the list of accounts", () => {
  test("goes on where it ended, whatever is added meanwhile", async () => {
    const { control } = await startRig();
    const create = (name: string): Promise<unknown> => control.accounts.create({ name }, "admin");
    for (const name of ["a", "b", "c", "d", "e"]) await create(name);
    const first = await control.accounts.list({ limit: 2 });
    await create("f");
    const second = await control.accounts.list({ limit: 2, after: first.next });
    const third = await control.accounts.list({ limit: 2, after: second.next });
    const names = [first, second, third].map(({ items }) => items.map(({ name }) => name));
    expect(names).toEqual([
      ["a", "b"],
      ["c", "d"],
      ["e", "f"],
    ]);
    expect(third.next).toBeUndefined();
  });

  test("refuses a cursor that it did not give, and a page of no or too many items", async () => {
    const { control } = await startRig();
    const other = Buffer.from("key_01k5j8y3m2q4r6s8t0v2w4x6z8").toString("base64url");
    const odd = Buffer.from("acc_01k5j8y3m2q4r6s8t0v2w4x6z8").toString("base64");
    for (const after of ["", "x", other, `${odd}=`, "' or 1=1 --"]) {
      expect(await refusalOf(control.accounts.list({ after }))).toMatch(/^HG_CURSOR_INVALID /);
    }
    for (const limit of [0, 101, 1.5, Number.NaN]) {
      expect(await refusalOf(control.accounts.list({ limit }))).toMatch(/^HG_CURSOR_INVALID /);
    }
  });
});
