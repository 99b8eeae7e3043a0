import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Account, type Control, type LogFields, openControl } from "@headgate/control";
import { openStorage, type Statement, type Storage, type Value } from "@headgate/storage";
import { onTestFinished } from "vitest";

/** Records in a folder of their own, removed when the test ends, with a clock that is moved by hand. */
export interface Rig {
  /** What is open now: another one after {@link reopen}. */
  readonly control: Control;
  readonly time: { now: number };
  readonly log: readonly { readonly event: string; readonly fields: LogFields | undefined }[];
  /** As after a restart. */
  reopen(): Promise<Control>;
  /** Runs what control would have run by a timer. */
  tick(): void;
}

export const START: number = Date.UTC(2030, 0, 1);
export const HOUR_MS = 3_600_000;

export async function startRig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-control-"));
  const time = { now: START };
  const log: { event: string; fields: LogFields | undefined }[] = [];
  let running: (() => void)[] = [];
  const note = (event: string, fields?: LogFields): void => {
    log.push({ event, fields });
  };
  const open = async (): Promise<Control> => {
    running = [];
    return openControl({
      storage: await openStorage({ folder }),
      clock: () => time.now,
      log: { info: note, warn: note, error: note },
      every: (_intervalMs, run) => {
        running.push(run);
        return () => {};
      },
    });
  };
  let control = await open();
  onTestFinished(async () => {
    await closeAll(control);
    await rm(folder, { recursive: true });
  });
  return {
    get control() {
      return control;
    },
    time,
    log,
    reopen: async () => {
      await closeAll(control);
      control = await open();
      return control;
    },
    tick: () => {
      for (const run of running) run();
    },
  };
}

export async function closeAll(control: Control): Promise<void> {
  await control.close();
  await control.storage.close();
}

/** An account with one key. */
export async function keyOnRecord(control: Control, fields: { scopes?: string[]; expiresAt?: number } = {}) {
  const account: Account = await control.accounts.create({ name: "Example Ltd" }, "admin");
  const { key, secret } = await control.keys.create({ accountId: account.id, prefix: "hg_sk_", ...fields }, "admin");
  return { account, key, secret };
}

/** SQL past everything that control takes care of. */
export async function execute(storage: Storage, sql: string, parameters: Value[] = []): Promise<void> {
  await storage.write([{ sql, parameters } satisfies Statement]);
}

/** The actions in the audit, the oldest first. */
export async function actionsOf(control: Control): Promise<string[]> {
  const { items } = await control.audit.list({}, { limit: 100 });
  return items.map(({ action }) => action).reverse();
}

/** What a promise rejects with: `HG_… message`. */
export async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => new Error("it did not reject"),
    (reason: Error & { code?: string }) => reason,
  );
  return `${"code" in error ? error.code : "?"} ${error.message}`;
}
