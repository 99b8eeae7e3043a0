import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { MemoryStore, parseRateLimit } from "@headgate/core";
import { createGateway } from "@headgate/gateway";
import { loadPolicy, type Policy } from "@headgate/policy";
import type { Traced } from "./trace.ts";

/** What a gate has told a caller. */
export interface Served {
  readonly status: number;
  readonly quota: number | null;
  readonly remaining: number | null;
  /** Epoch ms. */
  readonly resetAt: number | null;
  readonly retryAfter: number | null;
  readonly limits: readonly { readonly name: string | undefined; readonly remaining: number }[];
}

/**
 * Sends a trace through a gate whose clock is the trace's: each request at its time, and each answer when its duration is
 * over, however long either takes here. The policy must show `x-ratelimit-reset` in epoch ms.
 */
export async function serve(policyText: string, requests: readonly Traced[]): Promise<Served[]> {
  const time = { now: 0 };
  const upstream = new HoldingUpstream();
  const policy = readPolicy(policyText, await upstream.listen());
  const gateway = createGateway({ policy, store: new MemoryStore(), clock: () => time.now, log: SILENT });
  const { port } = await gateway.listen({ port: 0, host: "127.0.0.1" });
  const agent = new Agent({ keepAlive: true });
  const answers: Promise<Served>[] = [];
  const running: { readonly id: number; readonly endsAt: number }[] = [];
  const endUntil = async (now: number): Promise<void> => {
    running.sort((a, b) => a.endsAt - b.endsAt);
    while (running[0] && running[0].endsAt <= now) {
      const { id, endsAt } = running.shift() as (typeof running)[0];
      time.now = endsAt;
      upstream.end(id);
      await answers[id];
    }
  };
  try {
    for (const [id, traced] of requests.entries()) {
      await endUntil(traced.time);
      time.now = traced.time;
      const arrived = upstream.arrival(id);
      const answer = send(agent, port, id, traced);
      answers.push(answer);
      const isRunning = await Promise.race([arrived.then(() => true), answer.then(() => false)]);
      if (isRunning) running.push({ id, endsAt: traced.time + traced.duration });
      if (traced.duration === 0) await endUntil(traced.time);
    }
    await endUntil(Number.POSITIVE_INFINITY);
    return await Promise.all(answers);
  } finally {
    agent.destroy();
    await gateway.close();
    upstream.close();
  }
}

/** Answers each request with the status that it asks for, when it is told to. */
class HoldingUpstream {
  readonly #held = new Map<number, ServerResponse>();
  readonly #awaited = new Map<number, () => void>();
  readonly #server: Server = createServer((request, response) => {
    const id = Number(request.headers["x-trace-id"]);
    response.statusCode = Number(request.headers["x-trace-status"]);
    request.resume().on("end", () => {
      this.#held.set(id, response);
      this.#awaited.get(id)?.();
      this.#awaited.delete(id);
    });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  arrival(id: number): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(id, resolve));
  }

  end(id: number): void {
    this.#held.get(id)?.end();
    this.#held.delete(id);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function send(agent: Agent, port: number, id: number, traced: Traced): Promise<Served> {
  const { method, path, headers, bytes, status } = traced;
  const traceHeaders = { "x-trace-id": id, "x-trace-status": status, "content-length": bytes };
  return new Promise((resolve, reject) => {
    const options = { agent, port, method, path, headers: { ...headers, ...traceHeaders } };
    request(options, (response) => response.resume().on("end", () => resolve(toServed(response))))
      .on("error", reject)
      .end(Buffer.alloc(bytes));
  });
}

function toServed({ statusCode = 0, headers }: IncomingMessage): Served {
  const number = (name: string): number | null => (headers[name] === undefined ? null : Number(headers[name]));
  return {
    status: statusCode,
    quota: number("x-ratelimit-limit"),
    remaining: number("x-ratelimit-remaining"),
    resetAt: number("x-ratelimit-reset"),
    retryAfter: number("retry-after"),
    limits: parseRateLimit({
      policy: headers["ratelimit-policy"] as string | undefined,
      state: headers.ratelimit as string | undefined,
    }).map(({ name, remaining }) => ({ name, remaining })),
  };
}

function readPolicy(text: string, upstream: string): Policy {
  const { policy, problems } = loadPolicy(`${text}\nupstream: ${upstream}\n`);
  if (!policy) throw new Error(JSON.stringify(problems));
  return policy;
}

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };
