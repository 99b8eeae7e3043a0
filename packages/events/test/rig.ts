import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Control, type Identity, openControl } from "@headgate/control";
import { type EventsAnswer, type EventsApi, openEventsApi, UNAUTHENTICATED } from "@headgate/events";
import { DEFAULT_EVENTS_POLICY, type EventsPolicy } from "@headgate/policy";
import { openStorage, type Storage } from "@headgate/storage";
import { onTestFinished } from "vitest";
import { expectConforming } from "./api/conforming.ts";

/** When every rig's clock starts. */
export const START: number = Date.UTC(2030, 0, 1);

/** The events API on a database of its own, asked without a gateway; closed when the test ends. */
export interface Rig {
  readonly api: EventsApi;
  readonly control: Control;
  readonly storage: Storage;
  readonly folder: string;
  /** Epoch ms, moved by hand. */
  readonly time: { now: number };
  readonly log: readonly { readonly event: string; readonly [field: string]: unknown }[];
  /** Changes what the policy says. */
  policy: EventsPolicy;
  /** Runs what the API has a timer for, as if so much time had gone by. */
  tick(): void;
  /** A new account with a key. */
  caller(name: string, plan?: string): Promise<Identity>;
  /** Asks, and fails where the answer is not as the API's own description says. */
  ask(request: Ask): Promise<Answer>;
}

export interface Ask {
  readonly as?: Identity | undefined;
  readonly method?: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is text or bytes. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON. */
  json<Value = Record<string, unknown>>(): Value;
}

export interface RigOptions {
  readonly databaseUrl?: string | undefined;
  readonly policy?: Partial<EventsPolicy>;
  readonly time?: { now: number };
  /** An existing data folder, which then is not removed. */
  readonly folder?: string;
  /** Gets what closes it, where that is not to be done when the test ends. */
  readonly atEnd?: (close: () => Promise<void>) => void;
}

export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const { time = { now: START }, atEnd = onTestFinished } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "headgate-"));
  const storage = await openStorage({ folder, databaseUrl: options.databaseUrl });
  const lines: { event: string }[] = [];
  const note = (event: string, fields: object = {}): void => {
    lines.push({ event, ...fields });
  };
  const log = { info: note, warn: note, error: note };
  const clock = (): number => time.now;
  const runs = new Set<() => void>();
  const every = (_intervalMs: number, run: () => void) => {
    runs.add(run);
    return () => runs.delete(run);
  };
  const control = await openControl({ storage, clock, log, every });
  const rig = { policy: { ...DEFAULT_EVENTS_POLICY, ...options.policy } };
  const api = await openEventsApi({
    control,
    clock,
    log,
    policy: () => rig.policy,
    folder: join(folder, "events"),
    every,
  });
  atEnd(async () => {
    await api.close();
    await control.close();
    await storage.close();
    if (options.folder === undefined) rmSync(folder, { recursive: true });
  });
  return Object.assign(rig, {
    api,
    control,
    storage,
    folder,
    time,
    log: lines,
    tick: () => {
      for (const run of [...runs]) run();
    },
    caller: async (name: string, plan?: string) => {
      const { id } = await control.accounts.create({ name, plan }, "test");
      const { secret } = await control.keys.create({ accountId: id, prefix: "hg_sk_" }, "test");
      return control.directory.identify(secret, time.now) as Identity;
    },
    ask: (request: Ask) => ask(api, request),
  });
}

async function ask(api: EventsApi, { as, method, path, headers = {}, body }: Ask): Promise<Answer> {
  const [pathname = "", query = ""] = path.split("?");
  const isRaw = typeof body === "string" || Buffer.isBuffer(body);
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(isRaw ? body : JSON.stringify(body));
  const asked = { method: method ?? (body === undefined ? "GET" : "POST"), path: pathname };
  const given = await api.answer({
    ...asked,
    query,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    body: bytes,
    identity: as,
  });
  const answer = await toAnswer(given === UNAUTHENTICATED ? { status: 401, headers: [], body: "{}" } : given);
  await expectConforming(api, asked, answer);
  return answer;
}

async function toAnswer({ status, headers, body }: EventsAnswer): Promise<Answer> {
  const names: Record<string, string> = {};
  for (let i = 0; i < headers.length; i += 2) names[String(headers[i]).toLowerCase()] = String(headers[i + 1]);
  const text = await textOf(body);
  return { status, headers: names, text, json: () => JSON.parse(text) };
}

async function textOf(body: EventsAnswer["body"]): Promise<string> {
  if (typeof body === "string") return body;
  if (Buffer.isBuffer(body)) return body.toString();
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}
