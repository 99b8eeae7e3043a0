import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openControl } from "@headgate/control";
import { DEFAULT_EVENTS_POLICY, type EventsPolicy } from "@headgate/policy";
import { openStorage } from "@headgate/storage";
import { onTestFinished } from "vitest";
import type { EventsContext } from "../../src/context.ts";
import { idMaker } from "../../src/id.ts";
import type { EventContent } from "../../src/log/chain.ts";
import { CommitSignal } from "../../src/log/commit-signal.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { Seal } from "../../src/seal.ts";
import { START } from "../rig.ts";

/** What parts of the events API work with, on a database of its own, with nothing else running. */
export interface OpenContext extends EventsContext {
  /** The data folder. */
  readonly data: string;
  /** Epoch ms, moved by hand. */
  readonly time: { now: number };
  readonly lines: readonly { readonly event: string; readonly [field: string]: unknown }[];
  policy: () => EventsPolicy;
  /** Runs what there is a timer for. */
  tick(): void;
  /** A new account, with events that were received at these times. */
  account(name: string, receivedAt?: readonly number[], plan?: string): Promise<string>;
  close(): Promise<void>;
}

export interface ContextOptions {
  readonly databaseUrl?: string | undefined;
  readonly time?: { now: number };
  /** An existing data folder, which then is not removed. */
  readonly data?: string;
  readonly instance?: string;
}

export async function openContext(options: ContextOptions = {}): Promise<OpenContext> {
  const time = options.time ?? { now: START };
  const data = options.data ?? mkdtempSync(join(tmpdir(), "headgate-"));
  const storage = await openStorage({ folder: data, databaseUrl: options.databaseUrl });
  const lines: { event: string }[] = [];
  const note = (event: string, fields: object = {}): void => {
    lines.push({ event, ...fields });
  };
  const log = { info: note, warn: note, error: note };
  const clock = (): number => time.now;
  const runs = new Set<() => void>();
  const every = (_intervalMs: number, run: () => void) => {
    runs.add(run);
    return () => runs.delete(run);
  };
  const control = await openControl({ storage, clock, log, every: () => () => {} });
  const folder = join(data, "events");
  mkdirSync(folder, { recursive: true });
  const commits = new CommitSignal();
  const events = new EventLog(storage, commits);
  const close = async (): Promise<void> => {
    await control.close();
    await storage.close();
  };
  onTestFinished(async () => {
    await close();
    if (options.data === undefined) rmSync(data, { recursive: true });
  });
  return {
    storage,
    control,
    clock,
    log,
    every,
    newId: idMaker(),
    instance: options.instance ?? "one",
    policy: () => DEFAULT_EVENTS_POLICY,
    folder,
    events,
    commits,
    seal: await Seal.open(storage),
    data,
    time,
    lines,
    tick: () => {
      for (const run of [...runs]) run();
    },
    account: async (name, receivedAt = [], plan) => {
      const { id } = await control.accounts.create({ name, plan }, "test");
      if (receivedAt.length > 0) await events.append(id, receivedAt.map(eventAt));
      return id;
    },
    close,
  };
}

const newId = idMaker();

/** An event with something in every column. */
export function eventAt(receivedAt: number, index = 0): EventContent {
  return {
    id: newId("event", START),
    type: index % 3 === 0 ? "user.login" : "order.paid",
    actor_id: `user_${index % 5}`,
    actor_name: `Ada ${index}`,
    target_id: `order_${index % 7}`,
    target_type: "order",
    target_name: `Order "${index}", paid`,
    time: receivedAt - 1_000,
    received_at: receivedAt,
    metadata: `{"n": ${index}, "note": "é\\n"}`,
  };
}
