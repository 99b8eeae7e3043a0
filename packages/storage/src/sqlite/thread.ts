import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { HeadgateError } from "@headgate/core";
import type { Ask, Reply } from "./thread-port.ts";

/** Threads are sources in a clone, and what was built from them in a package. */
const EXTENSION = extname(import.meta.url);

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: HeadgateError) => void;
}

/** A database thread as the main thread sees it: it answers in order, so who waits is a queue. */
export class Thread<Work> {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #stopped: HeadgateError | undefined;

  private constructor(name: string, data: unknown) {
    this.#worker = new Worker(new URL(`./${name}${EXTENSION}`, import.meta.url), { workerData: data });
    this.#worker.on("message", (reply: Reply) => this.#settle(reply));
    this.#worker.on("error", (error) => this.#stop(error instanceof Error ? error.message : String(error)));
    this.#worker.on("exit", () => this.#stop("it ended"));
  }

  /** Starts the thread of that file; resolves when it has opened, and rejects with what hindered it. */
  static async open<Work>(name: string, data: unknown): Promise<Thread<Work>> {
    const thread = new Thread<Work>(name, data);
    await thread.#reply();
    return thread;
  }

  /** Why it does nothing any more; undefined while it works. */
  get stopped(): HeadgateError | undefined {
    return this.#stopped;
  }

  /** Has work done; resolves with what came of it. */
  ask(work: Work): Promise<unknown> {
    return this.#send({ work });
  }

  /** Closes what the thread has open, after all it was asked before, and ends it. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#worker.once("exit", resolve));
    if (this.#stopped !== undefined) return;
    await this.#send("close");
    await ended;
  }

  #send(ask: Ask<Work>): Promise<unknown> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    this.#worker.postMessage(ask);
    return this.#reply();
  }

  #reply(): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.shift();
    if ("fault" in reply) waiting?.reject(new HeadgateError(reply.fault.code, reply.fault.message));
    else waiting?.resolve(reply.value);
  }

  #stop(reason: string): void {
    this.#stopped ??= new HeadgateError(
      "HG_STORAGE_FAILED",
      `the database's thread has stopped (${reason}): restart Headgate`,
    );
    for (const { reject } of this.#waiting.splice(0)) reject(this.#stopped);
  }
}
