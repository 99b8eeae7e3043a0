import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** What is sent again and again, over how many connections. */
export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON with POST; without one it is a GET. */
  readonly body?: string | undefined;
}

/** Has wrk send it. Returns requests answered a second; throws where any was refused. */
export async function requestsPerSecond({ url, connections, seconds, headers, body }: Load): Promise<number> {
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s"];
  for (const [name, value] of Object.entries(headers)) args.push("-H", `${name}: ${value}`);
  if (body !== undefined) {
    const script = join(tmpdir(), `headgate-bench-${process.pid}.lua`);
    const longBracket = "=".repeat(5);
    const text = `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n`;
    await writeFile(script, `${text}wrk.body = [${longBracket}[${body}]${longBracket}]\n`);
    args.push("-s", script);
  }
  const { stdout } = await promisify(execFile)("wrk", [...args, url]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`some requests failed:\n${stdout}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}
