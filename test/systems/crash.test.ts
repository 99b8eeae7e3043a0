import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";

/** Fewer than the million that `npm run soak` has time for. */
const EVENTS = Number(process.env.CRASH_EVENTS ?? 200_000);
const A_BATCH = 100;
const WRITERS = 8;
/** After so many events have been acknowledged, the process is killed. */
const KILLS = [0.2, 0.5, 0.8].map((share) => share * EVENTS);

const POLICY = `
headgate: 1
upstream: builtin:events
events: { webhooks: { networks: [127.0.0.0/8] } }
callers: { api-key: { bearer: true } }
credentials: managed
limits: [{ name: all, per: [api-key], quota: 1000000000, window: 1m }]
`;

const TEN_MINUTES = 600_000;

test(
  "events come through three kills: each acknowledged one is there once, the chain verifies, webhooks tell of all",
  async () => {
    const gate = await Gate.start();
    const receiver = await startReceiver();
    await gate.post("/v1/webhooks", { url: receiver.url, events: ["event.created"], batch: true });

    const acknowledged: string[] = [];
    const kills = [...KILLS];
    let next = 0;
    let killing: Promise<void> = Promise.resolve();
    const write = async (): Promise<void> => {
      for (let batch = next++; batch < EVENTS / A_BATCH; batch = next++) {
        const { ids } = await gate.post<{ ids: string[] }>("/v1/events/batch", batchOf(batch), {
          "idempotency-key": `batch-${batch}`,
        });
        acknowledged.push(...ids);
        if (acknowledged.length >= (kills[0] ?? Number.POSITIVE_INFINITY)) {
          kills.shift();
          killing = gate.killAndRestart();
        }
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, write));
    await killing;

    expect(acknowledged).toHaveLength(EVENTS);
    expect(new Set(acknowledged).size).toBe(EVENTS);
    expect(await gate.get("/v1/verify")).toMatchObject({ valid: true, events: EVENTS, first_seq: 1, last_seq: EVENTS });
    expect(await gate.exportedIds()).toEqual(acknowledged.toSorted());
    await expect.poll(() => receiver.ids.size, { timeout: TEN_MINUTES, interval: 500 }).toBe(EVENTS);
    expect([...receiver.ids].toSorted()).toEqual(acknowledged.toSorted());
  },
  TEN_MINUTES,
);

function batchOf(batch: number): object {
  return {
    events: Array.from({ length: A_BATCH }, (_, i) => ({
      type: "user.login",
      actor: { id: `user_${i}` },
      metadata: { batch, i },
    })),
  };
}

/** Notes the events that it is told of. */
async function startReceiver(): Promise<{ url: string; ids: Set<string> }> {
  const ids = new Set<string>();
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    if (request.method === "POST") {
      for (const { id } of (JSON.parse(text) as { data: { id: string }[] }).data) ids.add(id);
    }
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, ids };
}

/** `headgate serve` on one data folder, over kills: whoever calls meanwhile calls again, as a good client does. */
class Gate {
  readonly #folder: string;
  readonly #policy: string;
  #url = "";
  #key = "";
  #child: ReturnType<typeof spawn> | undefined;

  private constructor(folder: string, policy: string) {
    this.#folder = folder;
    this.#policy = policy;
  }

  static async start(): Promise<Gate> {
    const folder = await temporaryFolder();
    const policy = join(folder, "policy.yaml");
    await writeFile(policy, POLICY);
    const gate = new Gate(join(folder, "data"), policy);
    onTestFinished(() => {
      gate.#child?.kill("SIGKILL");
    });
    await gate.#run();
    gate.#key = await headgate("keys", "create", "--account", "acme", "--quiet", "--data", gate.#folder);
    return gate;
  }

  async killAndRestart(): Promise<void> {
    const child = this.#child as ReturnType<typeof spawn>;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    await this.#run();
  }

  get<Body>(path: string): Promise<Body> {
    return this.#call(path, {});
  }

  post<Body>(path: string, body: object, headers: Record<string, string> = {}): Promise<Body> {
    return this.#call(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  }

  /** All events' ids, sorted. */
  async exportedIds(): Promise<string[]> {
    const { id } = await this.post<{ id: string }>("/v1/exports", { format: "ndjson" });
    const state = async () => this.get<{ state: string; download_url: string }>(`/v1/exports/${id}`);
    await expect.poll(async () => (await state()).state, { timeout: TEN_MINUTES, interval: 200 }).toBe("completed");
    const response = await fetch(this.#url + (await state()).download_url);
    const ids: string[] = [];
    let rest = "";
    for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) ids.push((JSON.parse(line) as { id: string }).id);
    }
    return ids.toSorted();
  }

  async #call<Body>(path: string, init: RequestInit): Promise<Body> {
    for (;;) {
      const headers = { authorization: `Bearer ${this.#key}`, ...(init.headers as Record<string, string>) };
      const body = await fetch(this.#url + path, { ...init, headers }).then(readBody, () => undefined);
      if (body !== undefined) return body as Body;
      // It is being killed, or started again.
      await delay(20);
    }
  }

  async #run(): Promise<void> {
    const child = spawn(
      BIN,
      ["serve", this.#policy, "--port", "0", "--admin-port", "0", "--data", this.#folder, "--json"],
      { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, DATABASE_URL: "", LOG_LEVEL: "error" } },
    );
    this.#child = child;
    const [line] = await once(createInterface(child.stdout), "line");
    this.#url = (JSON.parse(line as string) as { gateway: string }).gateway.replace("localhost", "127.0.0.1");
  }
}

const BIN = fileURLToPath(new URL("../../node_modules/.bin/headgate", import.meta.url));

async function headgate(...args: string[]): Promise<string> {
  const child = spawn(BIN, args, { stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, DATABASE_URL: "" } });
  let text = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) text += chunk;
  return text.trim();
}

/** Undefined where the answer broke off. */
async function readBody(response: Response): Promise<unknown> {
  const text = await response.text().catch(() => undefined);
  if (text === undefined) return undefined;
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text);
}
