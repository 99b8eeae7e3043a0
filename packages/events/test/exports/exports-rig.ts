import type { Identity } from "@headgate/control";
import type { Statement } from "@headgate/storage";
import { onTestFinished } from "vitest";
import { UNAUTHENTICATED } from "../../src/api/answer.ts";
import { Router } from "../../src/api/router.ts";
import { type Exports, openExports } from "../../src/exports/exports.ts";
import { type ContextOptions, type OpenContext, openContext } from "../log/open-context.ts";
import { START } from "../rig.ts";

/** Exports on a database of their own, asked without a gateway. */
export interface ExportsRig {
  readonly context: OpenContext;
  readonly exports: Exports;
  /** Messages that webhooks would have been sent. */
  readonly messages: readonly { readonly accountId: string; readonly type: string; readonly data: ExportJson }[];
  /** A new account with a key, and with so many events. */
  caller(name: string, events?: number): Promise<Identity>;
  ask(method: string, url: string, as?: Identity, body?: unknown): Promise<Answer>;
  /** Asks for an export, and waits until nothing is under way. */
  exported(as: Identity, body: object): Promise<ExportJson>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  json<Value = ExportJson>(): Value;
}

export interface ExportJson {
  readonly id: string;
  readonly state: string;
  readonly progress: { events_seen: number; of: number; events: number; bytes: number };
  readonly error: string | null;
  readonly created_at: string;
  readonly completed_at: string | null;
  readonly expires_at: string | null;
  readonly download_url: string | null;
}

/** `change` is applied to the context that exports work with. */
export async function openExportsRig(
  options: ContextOptions = {},
  change: (context: OpenContext) => OpenContext = (context) => context,
): Promise<ExportsRig> {
  const context = await openContext(options);
  const messages: { accountId: string; type: string; data: ExportJson }[] = [];
  const exports = openExports(change(context), {
    messageStatements: (accountId, type, data) => {
      messages.push({ accountId, type, data: data as ExportJson });
      return [noteOf(context, accountId)];
    },
  });
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await exports.close();
    await context.close();
  };
  onTestFinished(close);
  const router = new Router(exports.routes, context.clock, (path, error) => {
    throw new Error(`${path} failed`, { cause: error });
  });
  const ask: ExportsRig["ask"] = async (method, url, as, body) => {
    const { pathname, search } = new URL(url, "http://api.test");
    const answer = await router.answer({
      method,
      path: pathname,
      query: search.slice(1),
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: Buffer.from(body === undefined ? "" : JSON.stringify(body)),
      identity: as,
    });
    if (answer === UNAUTHENTICATED) return { status: 401, headers: {}, text: "", json: () => JSON.parse("{}") };
    const headers: Record<string, string> = {};
    for (let i = 0; i < answer.headers.length; i += 2) {
      headers[String(answer.headers[i]).toLowerCase()] = String(answer.headers[i + 1]);
    }
    const text = await textOf(answer.body);
    return { status: answer.status, headers, text, json: () => JSON.parse(text) };
  };
  return {
    context,
    exports,
    messages,
    caller: async (name, events = 0) => {
      const accountId = await context.account(name, Array<number>(events).fill(START));
      const { secret } = await context.control.keys.create({ accountId, prefix: "hg_sk_" }, "test");
      return context.control.directory.identify(secret, context.time.now) as Identity;
    },
    ask,
    exported: async (as, body) => {
      const { id } = (await ask("POST", "/v1/exports", as, body)).json();
      await exports.settled();
      return (await ask("GET", `/v1/exports/${id}`, as)).json();
    },
    close,
  };
}

/** A statement that shows that the message is written with the export. */
function noteOf({ storage, newId, clock }: OpenContext, accountId: string): Statement {
  const { sql, parameters } = storage.build
    .insertInto("webhook_messages")
    .values({
      id: newId("message", clock()),
      account_id: accountId,
      type: "export.completed",
      payload: "{}",
      created_at: clock(),
    })
    .compile();
  return { sql, parameters: parameters as Statement["parameters"] };
}

async function textOf(body: string | Buffer | AsyncIterable<string | Uint8Array>): Promise<string> {
  if (typeof body === "string") return body;
  if (Buffer.isBuffer(body)) return body.toString();
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}
