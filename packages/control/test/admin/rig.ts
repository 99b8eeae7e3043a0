import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AdminOptions,
  type Control,
  createAdmin,
  type Enforcement,
  openControl,
  outlineOf,
  type PolicyOutline,
} from "@headgate/control";
import { MemoryStore } from "@headgate/core";
import { loadPolicy, type Policy } from "@headgate/policy";
import { openStorage } from "@headgate/storage";
import type { FastifyInstance } from "fastify";
import { onTestFinished } from "vitest";
import { ApiDescription } from "./api-description.ts";

/** An admin API over records of its own, in a folder that is removed when the test ends. */
export interface Rig {
  readonly app: FastifyInstance;
  readonly control: Control;
  readonly enforcement: Enforcement | undefined;
  /** Epoch ms, moved by hand. */
  readonly time: { now: number };
  readonly log: readonly LogLine[];
  /** Asks the API with the admin token. Every answer is held to the API's own description. */
  call(method: Method, path: string, asked?: Asked): Promise<Answer>;
  /** The same, expecting that it succeeds. Gives the answer's body. */
  make(path: string, body: unknown): Promise<Json>;
  auditEntries(): Promise<number>;
  close(): Promise<void>;
}

export type Method = "GET" | "HEAD" | "POST" | "PATCH" | "DELETE" | "PUT" | "OPTIONS";

// biome-ignore lint/suspicious/noExplicitAny: answers are read the way clients read them, field by field.
export type Json = any;

interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body as it is sent, instead of `body` as JSON. */
  readonly raw?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Json;
  readonly text: string;
}

interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

export const TOKEN = "an-admin-token-for-tests";
export const START = Date.UTC(2030, 0, 1);

export interface RigOptions
  extends Partial<Pick<AdminOptions, "isReady" | "lastPolicy" | "actor" | "decisions" | "store">> {
  /** The policy's YAML without `headgate`; nothing is enforced where it is not given. */
  readonly policy?: string;
  /** Stands in for the control that is opened, to be seen or disturbed. */
  readonly wrap?: (control: Control) => Control;
}

/** A rig that is closed when the test ends. */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const rig = await openRig(options);
  onTestFinished(() => rig.close());
  return rig;
}

/** A rig that several tests share, and that the caller closes. */
export async function openRig({ policy, wrap, ...options }: RigOptions = {}): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), "headgate-admin-"));
  const time = { now: START };
  const clock = (): number => time.now;
  const log: LogLine[] = [];
  const note =
    (level: string) =>
    (event: string, fields?: Readonly<Record<string, unknown>>): void => {
      log.push({ ...fields, level, event });
    };
  const logger = { info: note("info"), warn: note("warn"), error: note("error") };
  const storage = await openStorage({ folder });
  const opened = await openControl({ storage, clock, log: logger });
  const control = wrap ? wrap(opened) : opened;
  const enforcement = policy === undefined ? undefined : enforcing(policy);
  const app = createAdmin({
    control,
    clock,
    log: logger,
    token: TOKEN,
    isReady: () => true,
    enforcement: () => enforcement,
    ...options,
  });
  await app.ready();
  const description = new ApiDescription(app.swagger());
  const call = async (method: Method, path: string, asked: Asked = {}): Promise<Answer> => {
    const { body, raw, headers } = asked;
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await app.inject({
      method,
      url: path.startsWith("/") ? path : `/admin/v1/${path}`,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(payload !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(payload !== undefined && { payload }),
    });
    const answer = {
      status: response.statusCode,
      headers: response.headers as Record<string, string | undefined>,
      text: response.body,
      body: /json/.test(String(response.headers["content-type"])) && response.body ? response.json() : undefined,
    };
    description.check(method, response.raw.req.url ?? "", answer);
    return answer;
  };

  return {
    app,
    control,
    enforcement,
    time,
    log,
    call,
    async make(path, body) {
      const answer = await call("POST", path, { body });
      if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`);
      return answer.body;
    },
    async auditEntries() {
      return (await opened.audit.verify()).entries;
    },
    async close() {
      await app.close();
      await opened.close();
      await storage.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What the record looks at of a policy, given as its YAML without `headgate`. */
export function outlined(policy: string): PolicyOutline {
  return outlineOf(enforcing(policy).policy);
}

function enforcing(text: string): Enforcement {
  const { policy, problems } = loadPolicy(`headgate: 1\n${text}`);
  if (!policy) throw new Error(JSON.stringify(problems));
  return { policy: policy as Policy, store: new MemoryStore({ maxPartitions: 10_000 }) };
}
