import type { Control } from "@headgate/control";
import type { EventsPolicy } from "@headgate/policy";
import type { Storage } from "@headgate/storage";
import type { IdMaker } from "./id.ts";
import type { CommitSignal } from "./log/commit-signal.ts";
import type { EventLog } from "./log/event-log.ts";
import type { Seal } from "./seal.ts";

/** Where the events API reports what an operator may want to know: one line an event, without secrets. */
export interface EventsServiceLog {
  info(event: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void;
  warn(event: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void;
  error(event: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void;
}

/** What every part of the events API works with. */
export interface EventsContext {
  readonly storage: Storage;
  readonly control: Control;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly log: EventsServiceLog;
  /** Calls `run` again and again until what it returns is called. */
  readonly every: (intervalMs: number, run: () => void) => () => void;
  /** Makes ids in the order of time, such as `evt_…`. */
  readonly newId: IdMaker;
  /** This process, among those that share the database. */
  readonly instance: string;
  /** What the policy in force says. */
  readonly policy: () => EventsPolicy;
  /** A folder for files, which is there. */
  readonly folder: string;
  readonly events: EventLog;
  /** Tells that something was committed. */
  readonly commits: CommitSignal;
  /** Makes and checks what only this API can have given out: cursors, tags, signed URLs. */
  readonly seal: Seal;
}
