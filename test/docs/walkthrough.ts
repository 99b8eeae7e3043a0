import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";
import type { Fence, Page } from "./page.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What a code block of a guide is for. */
export type Step =
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  | { readonly kind: "command"; readonly text: string; readonly output: string | undefined };

const OUTPUTS = ["text", "http", "json"];

/**
 * The blocks of a page in order. One that begins with its name in a comment is a file; `sh` is to be run, and a `text`,
 * `http` or `json` after it is what it prints. There is no other kind: every block of a guide is tried.
 */
export function stepsOf({ path, fences }: Page): Step[] {
  const steps: Step[] = [];
  for (const [i, { language, text }] of fences.entries()) {
    const name = /^(?:#|\/\/) (\S+\.\w+)\n/.exec(text)?.[1];
    if (name !== undefined) steps.push({ kind: "file", name, text });
    else if (language === "sh") steps.push({ kind: "command", text, output: outputOf(fences[i + 1]) });
    else if (!OUTPUTS.includes(language)) throw new Error(`${path}: a ${language} block is no file and no command`);
  }
  return steps;
}

function outputOf(next: Fence | undefined): string | undefined {
  return next && OUTPUTS.includes(next.language) ? next.text : undefined;
}

/** A reader who tries a page: a shell in an empty folder, where the packages are installed. */
export class Walkthrough {
  readonly #folder: string;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #shell: ChildProcessWithoutNullStreams;
  #output = "";

  private constructor(folder: string, ports: ReadonlyMap<string, number>) {
    this.#folder = folder;
    this.#ports = ports;
    const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
    const own = { DATABASE_URL: "", REDIS_URL: "", HEADGATE_ADMIN_TOKEN: "", LOG_LEVEL: "error" };
    this.#shell = spawn("bash", ["--noprofile", "--norc"], {
      cwd: folder,
      env: { ...process.env, ...own, PATH, NO_COLOR: "1", no_proxy: "*" },
      // What is started in the background ends with the shell.
      detached: true,
    });
    for (const stream of [this.#shell.stdout, this.#shell.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        this.#output += chunk;
      });
    }
  }

  /** Begins a walk that ends with the test. The ports that pages write become free ones. */
  static async begin(): Promise<Walkthrough> {
    const folder = await temporaryFolder();
    const ports = new Map<string, number>();
    for (const written of ["8080", "8081", "3000", "6379"]) ports.set(written, await freePort());
    await install(folder, ports);
    const walk = new Walkthrough(folder, ports);
    onTestFinished(() => {
      process.kill(-(walk.#shell.pid as number), "SIGKILL");
    });
    return walk;
  }

  /** Does what a step says, and returns what it printed. Rejects where a command fails. */
  async take(step: Step): Promise<string> {
    if (step.kind === "file") {
      await writeFile(join(this.#folder, step.name), this.#here(step.text));
      return "";
    }
    const text = this.#here(step.text);
    const from = this.#output.length;
    // Nothing is downloaded: the packages are there.
    const command = text.replaceAll(/^npm install .*$/gm, ":");
    this.#shell.stdin.write(`${command}\necho "$?:end of step"\n`);
    const end = /(\d+):end of step\n/;
    while (!end.test(this.#output.slice(from))) await pause(20);
    const [, status = ""] = end.exec(this.#output.slice(from)) as RegExpExecArray;
    const printed = this.#output.slice(from).replace(end, "");
    if (status !== "0") throw new Error(`exit code ${status} of\n${command}\n${printed}`);
    await this.#untilServing(text);
    return this.#asWritten(printed);
  }

  /** What goes on in the background is there when its port is. */
  async #untilServing(command: string): Promise<void> {
    if (!/ &$/m.test(command)) return;
    const written = command.includes("headgate serve") ? "8080" : command.includes("redis-server") ? "6379" : "3000";
    for (let tries = 0; !(await isListening(this.#ports.get(written) as number)); tries++) {
      if (tries === 400) throw new Error(`nothing listens after\n${command}\n${this.#output}`);
      await pause(50);
    }
  }

  #here(text: string): string {
    return text.replace(/\b(?:8080|8081|3000|6379)\b/g, (written) => String(this.#ports.get(written)));
  }

  #asWritten(text: string): string {
    const written = new Map([...this.#ports].map(([port, here]) => [String(here), port]));
    return text.replace(/\b\d{4,5}\b/g, (number) => written.get(number) ?? number);
  }
}

/** The lines that a page shows and that were not printed, each after the one before. `…` stands for anything. */
export function missingLines(shown: string, printed: string): string[] {
  const lines = printed.split(/\r?\n/);
  let at = 0;
  return shown
    .trimEnd()
    .split("\n")
    .filter((line) => {
      const pattern = new RegExp(`^\\s*${line.trim().split("…").map(literally).join(".*")}\\s*$`);
      const found = lines.findIndex((candidate, i) => i >= at && pattern.test(candidate));
      if (found >= 0) at = found + 1;
      return found < 0;
    });
}

/** A pattern that matches the text and nothing else. */
function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** Packages, and a `headgate` that serves on the ports of this walk. */
async function install(folder: string, ports: ReadonlyMap<string, number>): Promise<void> {
  const modules = join(folder, "node_modules");
  await mkdir(join(modules, ".bin"), { recursive: true });
  for (const name of ["@headgate", "headgate", "express", "ioredis", "redis"]) {
    await symlink(join(root, "node_modules", name), join(modules, name));
  }
  const real = join(root, "node_modules/.bin/headgate");
  const served = `--port ${ports.get("8080")} --admin-port ${ports.get("8081")}`;
  const command = join(modules, ".bin/headgate");
  await writeFile(command, `#!/bin/sh\n[ "$1" = serve ] && exec ${real} "$@" ${served}\nexec ${real} "$@"\n`);
  await chmod(command, 0o755);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isThere = await new Promise<boolean>((resolve) => {
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
  });
  socket.destroy();
  return isThere;
}
