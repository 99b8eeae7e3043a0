import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Control } from "@headgate/control";
import { MemoryStore, type Store } from "@headgate/core";
import {
  type BuiltinApi,
  createGateway,
  type Gateway,
  type LimitNotice,
  type LogFields,
  type OnDecisions,
  type PagesOf,
  type Records,
  type TransportLimits,
} from "@headgate/gateway";
import { loadPolicy, type Policy } from "@headgate/policy";
import { onTestFinished } from "vitest";
import { openRecords } from "./records.ts";

/** When every rig's clock starts. */
const START = Date.UTC(2030, 0, 1);

/** A gateway in front of an upstream, both on loopback, closed when the test ends. */
export interface Rig {
  readonly gateway: Gateway;
  readonly port: number;
  readonly url: string;
  readonly upstream: Upstream;
  /** Epoch ms, moved by hand. */
  readonly time: { now: number };
  readonly log: readonly LogLine[];
  /** Reads a policy for this upstream. */
  policy(text: string): Policy;
}

interface LogLine extends LogFields {
  readonly level: "info" | "warn" | "error";
  readonly event: string;
}

export interface Upstream {
  readonly server: Server;
  readonly url: string;
  /** The requests it has seen, in order. */
  readonly seen: readonly IncomingMessage[];
}

export interface RigOptions {
  /** The policy's YAML without `headgate` and `upstream`. */
  readonly policy?: string;
  readonly upstream?: RequestListener;
  readonly limits?: Partial<TransportLimits>;
  readonly store?: Store;
  readonly control?: Records;
  readonly time?: { now: number };
  readonly onLimit?: (notice: LimitNotice) => void;
  readonly onDecisions?: OnDecisions;
  /** Instead of an upstream over HTTP. */
  readonly builtin?: BuiltinApi;
  readonly pagesOf?: PagesOf;
}

/** A rig with records of its own, in a folder that is removed when the test ends. */
export async function startManagedRig(
  options: Omit<RigOptions, "control" | "time"> = {},
): Promise<Rig & { readonly control: Control }> {
  const time = { now: START };
  const control = await openRecords(() => time.now);
  return { ...(await startRig({ ...options, control, time })), control };
}

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const upstream = await startUpstream(options.upstream ?? sayOk);
  const time = options.time ?? { now: START };
  const log: LogLine[] = [];
  const policyOf = (text: string): Policy => readPolicy(text, options.builtin ? "builtin:events" : upstream.url);
  const note =
    (level: LogLine["level"]) =>
    (event: string, fields?: LogFields): void => {
      log.push({ ...fields, level, event });
    };
  const gateway = createGateway({
    policy: policyOf(options.policy ?? "limits: []"),
    store: options.store ?? new MemoryStore({ maxPartitions: 10_000 }),
    clock: () => time.now,
    log: { info: note("info"), warn: note("warn"), error: note("error") },
    control: options.control,
    onLimit: options.onLimit,
    onDecisions: options.onDecisions,
    builtin: options.builtin,
    pagesOf: options.pagesOf,
    ...(options.limits && { limits: options.limits }),
  });
  const { port } = await gateway.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => gateway.close());
  return { gateway, port, url: `http://127.0.0.1:${port}`, upstream, time, log, policy: policyOf };
}

/** An HTTP server on a free port of loopback. */
export async function startUpstream(listener: RequestListener): Promise<Upstream> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}`, seen };
}

function readPolicy(text: string, upstreamUrl: string): Policy {
  const { policy, problems } = loadPolicy(`headgate: 1\nupstream: ${upstreamUrl}\n${text}`);
  if (!policy) throw new Error(JSON.stringify(problems));
  return policy;
}

/** One limit that every request meets. */
export function oneLimit(quota: number): string {
  return `limits: [{ name: all, per: [], quota: ${quota}, window: 1m }]`;
}

function sayOk(request: IncomingMessage, response: Parameters<RequestListener>[1]): void {
  response.setHeader("Content-Type", "application/json");
  request.resume().on("end", () => response.end('{"ok":true}'));
}
