import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Admissions } from "./admissions.ts";

/** What a caller counts with. */
export interface CallerSettings {
  readonly url: string;
  readonly mode: "exact" | "leased";
  readonly budgetMs: number;
  readonly quota: number;
  readonly windowMs: number;
}

/** What a caller is told to do. */
export interface CallerOrder {
  /** Without spaces. */
  readonly partition: string;
  readonly requests: number;
  /** Requests under way at once. */
  readonly lanes: number;
  /** How long each lane waits before each request; without it, as short as can be. */
  readonly everyMs?: number;
  /** Whether it kills itself, by SIGKILL, as soon as the last is answered. */
  readonly dies?: boolean;
}

const CALLER = fileURLToPath(new URL("./caller.ts", import.meta.url));

/** A process that runs `caller.ts`. */
export class CallerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<unknown>;
  #done = Promise.withResolvers<void>();

  /**
   * Starts one that is connected when this resolves. What it is admitted is put to `admissions`.
   *
   * @throws Error if it cannot connect
   */
  static async start(settings: CallerSettings, admissions: Admissions): Promise<CallerProcess> {
    const caller = new CallerProcess(settings, admissions);
    await Promise.race([
      caller.#done.promise,
      caller.#ended.then(() => Promise.reject(new Error("a caller ended before it was connected"))),
    ]);
    return caller;
  }

  private constructor(settings: CallerSettings, admissions: Admissions) {
    const args = [CALLER, JSON.stringify(settings)];
    this.#child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    // What is written to one that dies is lost, as it should be.
    this.#child.stdin.on("error", () => {});
    const lines = createInterface(this.#child.stdout);
    lines.on("line", (line) => {
      if (line === "ready" || line === "done") this.#done.resolve();
      else admissions.note(line);
    });
    // Its last lines may come after its end.
    this.#ended = once(lines, "close");
  }

  /** Resolves when it has done so, or has died. */
  async call(order: CallerOrder): Promise<void> {
    this.#done = Promise.withResolvers();
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
    await Promise.race([this.#done.promise, this.#ended]);
  }

  /** Halts it where it is, by SIGSTOP, until {@link cont}. */
  stop(): void {
    this.#child.kill("SIGSTOP");
  }

  /** Lets it go on, by SIGCONT. */
  cont(): void {
    this.#child.kill("SIGCONT");
  }

  /** Ends it by SIGKILL. Resolves when all it said has been noted. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
