import { type ChildProcess, spawn } from "node:child_process";

/** A server in a process of its own. It is killed when the process of the test ends. */
export class ServerProcess {
  #child: ChildProcess | undefined;

  /**
   * Starts it in a folder, and resolves when it has printed this. Ends it before if it runs.
   *
   * @throws Error with what it printed, if it ended instead
   */
  async start(program: string, args: readonly string[], folder: string, whenReady: string): Promise<void> {
    await this.kill();
    const child = spawn(program, [...args], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
    this.#child = child;
    process.once("exit", this.#killNow);
    await printed(child, whenReady);
  }

  /** Of the process that runs now. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error("this server does not run");
    return pid;
  }

  /** Halts it where it is, by SIGSTOP: connections stay open, and nothing answers, until {@link cont}. */
  stop(): void {
    process.kill(this.pid, "SIGSTOP");
  }

  /** Lets it go on, by SIGCONT. */
  cont(): void {
    process.kill(this.pid, "SIGCONT");
  }

  /** Ends it by SIGKILL: it has no time for last words, nor to write anything. Resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    process.off("exit", this.#killNow);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  readonly #killNow = (): void => {
    this.#child?.kill("SIGKILL");
  };
}

/** Reads on after that, so that a server that has much to say is never held up. */
async function printed(child: ChildProcess, awaited: string): Promise<void> {
  let output = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes(awaited)) resolve();
    });
    child.once("error", reject);
    child.once("close", () => reject(new Error(`${child.spawnfile} ended:\n${output}`)));
  });
}
