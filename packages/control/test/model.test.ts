import type { Control } from "@headgate/control";
import type { QuotaOverride } from "@headgate/policy";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Directory } from "../src/directory.ts";
import { DirectoryFeed } from "../src/directory-feed.ts";
import { recordsIn } from "../src/records.ts";
import { NaiveRecord } from "./naive-record.ts";
import { type Rig, startRig } from "./rig.ts";

const LIMITS = ["reads", "writes"];
const SCOPES = [["read", "write"], ["read"], ["write", "read", "extra"], []];
/** What tokens show: undefined of those that are no widget's. */
const WIDGETS = [undefined, {}, { actor: "user_1" }, { target: "doc_9" }];
const NEVER = Number.POSITIVE_INFINITY;

interface Step {
  readonly operation: keyof typeof OPERATIONS;
  /** Chooses among what there is. */
  readonly pick: number;
  readonly size: number;
}

type Operation = (rig: Rig, record: NaiveRecord, step: Step) => Promise<unknown>;

/** Each does one thing to the record and to its naive twin. Those that find nothing to do do nothing. */
const OPERATIONS = {
  createAccount: async ({ control }, { plans }) => {
    const { id } = await control.accounts.create({ name: `account ${plans.size}` }, "admin");
    plans.set(id, undefined);
  },
  changePlan: async ({ control }, { plans }, { pick, size }) => {
    const id = oneOf([...plans.keys()], pick);
    const plan = oneOf(["free", "pro", undefined], size);
    if (id === undefined) return;
    await control.accounts.update(id, { plan: plan ?? null }, "admin");
    plans.set(id, plan);
  },
  createKey: async ({ control, time }, record, { pick, size }) => {
    const accountId = oneOf([...record.plans.keys()], pick);
    if (accountId === undefined) return;
    const expiresAt = size % 3 === 0 ? time.now + size + 1 : undefined;
    const scopes = oneOf(SCOPES, size) ?? [];
    const { key, secret } = await control.keys.create({ accountId, prefix: "k_", scopes, expiresAt }, "admin");
    const { id } = key;
    const isRevoked = false;
    record.credentials.push({ kind: "key", id, keyId: id, accountId, widget: undefined, scopes, expiresAt, isRevoked });
    record.secrets.push({ secret, id: key.id, until: NEVER });
  },
  changeKey: async ({ control, time }, record, { pick, size }) => {
    const key = oneOf(keysOf(record), pick);
    if (key === undefined || key.isRevoked) return;
    const scopes = oneOf(SCOPES, size) ?? [];
    const expiresAt = size % 2 === 0 ? time.now + size + 1 : null;
    await control.keys.update(key.id, { scopes, expiresAt }, "admin");
    key.scopes = scopes;
    key.expiresAt = expiresAt ?? undefined;
  },
  rotateKey: async ({ control, time }, record, { pick, size }) => {
    const key = oneOf(keysOf(record), pick);
    if (key === undefined || !record.isAlive(key.id, time.now)) return;
    const overlapMs = size % 4 === 0 ? 0 : size;
    const { secret } = await control.keys.rotate(key.id, { prefix: "r_", overlapMs }, "admin");
    for (const old of record.secrets.filter(({ id }) => id === key.id)) {
      old.until = old.until === NEVER ? time.now + overlapMs : 0;
    }
    record.secrets.push({ secret, id: key.id, until: NEVER });
  },
  revokeKey: async ({ control }, record, { pick }) => {
    const key = oneOf(keysOf(record), pick);
    if (key === undefined) return;
    await control.keys.revoke(key.id, "admin");
    key.isRevoked = true;
  },
  mintToken: async ({ control, time }, record, { pick, size }) => {
    const key = oneOf(keysOf(record), pick);
    if (key === undefined || !record.isAlive(key.id, time.now)) return;
    const widget = key.scopes.includes("read") ? oneOf(WIDGETS, size) : undefined;
    const kind = widget ? "widget" : "access";
    const fields = { keyId: key.id, kind, prefix: "", lifetimeMs: 1_000 + size, ...widget } as const;
    const { token, secret } = await control.tokens.mint(fields, key.id);
    const { id, scopes, expiresAt } = token;
    record.credentials.push({ ...key, kind: "token", id, widget, scopes, expiresAt, isRevoked: false });
    record.secrets.push({ secret, id, until: NEVER });
  },
  revokeToken: async ({ control }, { credentials }, { pick }) => {
    const token = oneOf(
      credentials.filter(({ kind }) => kind === "token"),
      pick,
    );
    if (token === undefined) return;
    await control.tokens.revoke(token.id, "admin");
    token.isRevoked = true;
  },
  setOverride: async ({ control, time }, record, { pick, size }) => {
    const key = oneOf(
      keysOf(record).filter(({ id }) => record.isAlive(id, time.now)),
      pick,
    );
    if (key === undefined) return;
    const subject =
      size % 2 === 0 ? ({ type: "key", id: key.id } as const) : ({ type: "account", id: key.accountId } as const);
    const limit = oneOf(LIMITS, size) ?? "";
    const changes: QuotaOverride[] = [
      { kind: "quota", quota: size + 1 },
      { kind: "factor", factor: 0.5 },
      { kind: "unlimited" },
    ];
    const change = oneOf(changes, size) as QuotaOverride;
    const expiresAt = size % 3 === 0 ? time.now + size + 1 : undefined;
    await control.overrides.set({ subject, limit, change, expiresAt }, "admin");
    forget(record.overrides, (each) => each.subjectId === subject.id && each.limit === limit);
    record.overrides.push({ subjectId: subject.id, limit, change, until: expiresAt ?? NEVER });
  },
  removeOverride: async ({ control }, { overrides }, { pick }) => {
    const { items } = await control.overrides.list();
    const override = oneOf([...items], pick);
    if (override === undefined) return;
    await control.overrides.remove(override.id, "admin");
    forget(overrides, (each) => each.subjectId === override.subject.id && each.limit === override.limit);
  },
  suspend: async ({ control, time }, record, { pick, size }) => {
    const value = oneOf([...record.plans.keys()], pick);
    if (value === undefined) return;
    const endsAt = size % 5 === 0 ? undefined : time.now + size;
    const { id } = await control.suspensions.suspend({ caller: "account", value, reason: "r", endsAt }, "policy");
    const held = record.suspensions.find((each) => each.value === value && each.endsAt > time.now);
    if (held) held.endsAt = Math.max(held.endsAt, endsAt ?? NEVER);
    else record.suspensions.push({ id, caller: "account", value, endsAt: endsAt ?? NEVER });
  },
  lift: async ({ control, time }, { suspensions }, { pick }) => {
    const suspension = oneOf(
      suspensions.filter(({ endsAt }) => endsAt > time.now),
      pick,
    );
    if (suspension === undefined) return;
    await control.suspensions.lift(suspension.id, "admin");
    suspension.endsAt = time.now;
  },
  wait: async ({ time, tick }, _record, { size }) => {
    time.now += size * 40;
    tick();
  },
  restart: (rig) => rig.reopen(),
} satisfies Record<string, Operation>;

const steps = fc.array(
  fc.record<Step>({
    operation: fc.constantFrom(...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])),
    pick: fc.nat(20),
    size: fc.integer({ min: 1, max: 60 }),
  }),
  { minLength: 20, maxLength: 60 },
);

test("whatever is done, in whatever order, with restarts between: the record is what a naive one would be", async () => {
  const start: readonly Step[] = ["createAccount", "createKey", "createKey", "mintToken"].map((operation) => ({
    operation: operation as Step["operation"],
    pick: 0,
    size: 1,
  }));
  const property = fc.asyncProperty(steps, async (random) => {
    const rig = await startRig();
    const record = new NaiveRecord();
    for (const step of [...start, ...random]) {
      await (OPERATIONS[step.operation] as Operation)(rig, record, step);
      expectSame(rig.control.directory, record, rig.time.now);
    }
    expectSame(await loadedAnew(rig.control, rig.time.now), record, rig.time.now);
    expectSame((await rig.reopen()).directory, record, rig.time.now);
    expect((await rig.control.audit.verify()).isValid).toBe(true);
  });
  await fc.assert(property, { numRuns: 8, endOnFailure: true });
}, 60_000);

function expectSame(directory: Directory, record: NaiveRecord, now: number): void {
  for (const { secret } of record.secrets) {
    for (const limit of LIMITS) {
      const found = directory.identify(secret, now);
      const { overrides, ...identity } = found ?? { overrides: undefined };
      const seen = found && { identity, override: overrides?.of(limit, now) };
      expect(seen).toEqual(record.identityOf(secret, limit, now));
    }
  }
  for (const account of record.plans.keys()) {
    const suspension = directory.suspensionOf({ account }, now);
    const until = suspension && (suspension.endsAt ?? NEVER);
    expect(until).toBe(record.suspendedUntil("account", account, now));
  }
}

/** What another instance would read. */
async function loadedAnew({ storage }: Control, now: number): Promise<Directory> {
  const directory = new Directory();
  const log = { info() {}, warn() {}, error() {} };
  await new DirectoryFeed(directory, { storage, records: recordsIn(storage), clock: () => now, log }).load();
  return directory;
}

function keysOf({ credentials }: NaiveRecord): NaiveRecord["credentials"] {
  return credentials.filter(({ kind }) => kind === "key");
}

function oneOf<Item>(items: readonly Item[], pick: number): Item | undefined {
  return items[pick % items.length];
}

function forget<Item>(items: Item[], isIt: (item: Item) => boolean): void {
  const at = items.findIndex(isIt);
  if (at >= 0) items.splice(at, 1);
}
