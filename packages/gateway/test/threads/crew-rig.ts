import { mkdtempSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type Control, MirrorFeed } from "@headgate/control";
import { MemoryStore } from "@headgate/core";
import {
  type BuiltinApi,
  ChangeCounts,
  Crew,
  type LimitNotice,
  type LogFields,
  RunningCounts,
} from "@headgate/gateway";
import { expect } from "vitest";
import { openRecordsIn } from "../records.ts";
import type { CrewThreadData } from "./crew-thread.ts";

/** Two threads with a gate each, on one port, before an API of the test's in this thread. */
export interface CrewRig {
  readonly crew: Crew;
  readonly port: number;
  readonly control: Control;
  /** By which the API says how long its answers stand. */
  readonly changes: ChangeCounts;
  /** The threads that were started, by the order in which they were. */
  readonly workers: readonly Worker[];
  readonly deaths: readonly number[];
  readonly notices: readonly LimitNotice[];
  /** What all threads have decided, as far as they have told. */
  readonly decisions: RunningCounts;
  readonly log: readonly ({ readonly event: string } & LogFields)[];
  reload(policy: string): Promise<void>;
  close(): Promise<void>;
  /** Resolves when so many threads have died and been replaced. */
  ended(deaths: number): Promise<void>;
  /** A request on a connection of its own, which any of the threads may get. */
  ask(path?: string, options?: AskOptions): Promise<Answered>;
  /** So many of them at once, enough to reach every thread. */
  askAll(count: number, path?: string, options?: AskOptions): Promise<Answered[]>;
}

interface AskOptions {
  readonly method?: string;
  readonly secret?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

export async function startCrew(policy: string, answer: BuiltinApi["answer"], sharesPort?: boolean): Promise<CrewRig> {
  const records = await openRecordsIn(mkdtempSync(join(tmpdir(), "headgate-")), Date.now);
  const { control } = records;
  const mirrors = new MirrorFeed(control);
  const { memory } = new MemoryStore({ maxPartitions: 1_000 });
  const changes = new ChangeCounts();
  const workers: Worker[] = [];
  const deaths: number[] = [];
  const notices: LimitNotice[] = [];
  const decisions = new RunningCounts();
  const log: ({ event: string } & LogFields)[] = [];
  const note = (event: string, fields?: LogFields): void => {
    log.push({ ...fields, event });
  };
  const crew = new Crew({
    size: 2,
    sharesPort,
    policy: sourceOf(policy),
    desk: {
      control,
      clock: Date.now,
      builtin: { maxBodyBytes: 100_000, answer, drain() {} },
      onLimit: (notice) => notices.push(notice),
      onDecisions: (counts) => decisions.add(counts),
    },
    mirrors,
    log: { info: note, warn: note, error: note },
    start(_number, source, mirror) {
      const data: CrewThreadData = { policy: source, records: mirror, memory, changes: changes.memory };
      const url = new URL("./crew-thread.ts", import.meta.url);
      const worker = new Worker(url, { workerData: data, transferList: [mirror.port] });
      workers.push(worker);
      return worker;
    },
    onDeath: (number) => deaths.push(number),
  });
  const { port } = await crew.listen({ port: 0, host: "127.0.0.1" });
  const ask: CrewRig["ask"] = (path = "/", options = {}) => send(port, path, options);
  return {
    crew,
    port,
    control,
    changes,
    workers,
    deaths,
    notices,
    decisions,
    log,
    reload: (next) => crew.reload(sourceOf(next)),
    async close() {
      await crew.close();
      mirrors.close();
      await records.close();
    },
    async ended(count) {
      const replaced = (): number => log.filter(({ event }) => event === "thread-replaced").length;
      await expect.poll(replaced, { timeout: 30_000 }).toBe(count);
    },
    ask,
    askAll: (count, path, options) => Promise.all(Array.from({ length: count }, () => ask(path, options))),
  };
}

function sourceOf(policy: string): { file: string; text: string } {
  const text = `headgate: 1\nupstream: builtin:events\ncredentials: managed\n${policy}`;
  return { file: "policy.yaml", text };
}

function send(
  port: number,
  path: string,
  { method = "GET", secret, body, headers: more }: AskOptions,
): Promise<Answered> {
  const headers = { ...more, connection: "close", ...(secret && { authorization: `Bearer ${secret}` }) };
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => {
        text += part;
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
