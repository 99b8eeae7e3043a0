import type { Worker } from "node:worker_threads";
import type { StoreNumbers } from "@headgate/control";
import type { ListenOptions } from "../listening.ts";
import type { ToldNotices } from "../told-notices.ts";
import { CallPort } from "./call-port.ts";
import { Desk, type DeskOptions } from "./desk.ts";
import type { DeskCalls, GateCalls, PolicySource } from "./gate-calls.ts";

/** A thread with a gate, as the main thread sees it. */
export class GateThread {
  readonly number: number;
  /** Resolves when it is no more, to why. */
  readonly ended: Promise<string>;
  readonly #worker: Worker;
  readonly #port: CallPort<GateCalls, DeskCalls>;

  constructor(number: number, worker: Worker, options: DeskOptions, told: ToldNotices) {
    const desk = new Desk(options, told);
    this.number = number;
    this.#worker = worker;
    this.#port = new CallPort(worker, desk.calls);
    this.ended = this.#watch(desk);
  }

  /** Resolves to the port when it accepts connections. Rejects with the system's error, or when the thread ends. */
  listen(where: ListenOptions): Promise<number> {
    return this.#port.call("listen", where);
  }

  /** Resolves to the port of loopback when it takes connections from an acceptor. Rejects as {@link listen}. */
  listenForAcceptor(secret: Uint8Array): Promise<number> {
    return this.#port.call("listenForAcceptor", secret);
  }

  async reload(policy: PolicySource): Promise<void> {
    await this.#port.call("reload", policy);
  }

  /** Undefined where its store is in memory. */
  storeNumbers(): Promise<StoreNumbers | undefined> {
    return this.#port.call("storeNumbers", null);
  }

  /** Resolves when its requests have ended, or the thread has. */
  async drain(): Promise<void> {
    // Where the thread ends first there is nothing left to wait for.
    await Promise.race([this.#port.call("drain", null), this.ended]).catch(() => this.ended);
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
    await this.ended;
  }

  async #watch(desk: Desk): Promise<string> {
    let failure: string | undefined;
    this.#worker.on("error", (error: unknown) => {
      failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    const code = await new Promise<number>((resolve) => this.#worker.once("exit", resolve));
    const reason = failure ?? `exit code ${code}`;
    desk.close();
    this.#port.close(new Error(`thread ${this.number} has ended: ${reason}`));
    return reason;
  }
}
