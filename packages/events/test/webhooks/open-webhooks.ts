import type { Identity } from "@headgate/control";
import { onTestFinished } from "vitest";
import { type EventsAnswer, UNAUTHENTICATED } from "../../src/api/answer.ts";
import { Router } from "../../src/api/router.ts";
import { AddressGuard } from "../../src/webhooks/address-guard.ts";
import { Sender } from "../../src/webhooks/sender.ts";
import { WebhookRegistry } from "../../src/webhooks/webhook-registry.ts";
import { webhookRoutes } from "../../src/webhooks/webhook-routes.ts";
import { type OpenContext, openContext } from "../log/open-context.ts";
import { START } from "../rig.ts";

/** Webhooks' routes on a database of their own; what they are sent to is on the loopback. */
export interface OpenWebhooks {
  readonly context: OpenContext;
  readonly registry: WebhookRegistry;
  /** Addresses of names; none for the others. */
  readonly addresses: Record<string, readonly string[]>;
  /** Networks that are opened. */
  networks: readonly string[];
  /** Accounts whose commits were told of. */
  readonly rings: readonly (string | undefined)[];
  caller(name: string): Promise<Caller>;
}

/** Asks as one account. */
export interface Caller {
  readonly accountId: string;
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: what tests look at, they name
  readonly json: any;
}

export async function openWebhooks(databaseUrl?: string): Promise<OpenWebhooks> {
  const context = await openContext({ databaseUrl });
  const { clock, control } = context;
  const rings: (string | undefined)[] = [];
  context.commits.onRing((accountId) => rings.push(accountId));
  const addresses: Record<string, readonly string[]> = {};
  const opened = { networks: ["127.0.0.0/8"] };
  const guard = new AddressGuard({
    networks: () => opened.networks,
    resolve: async (name) => addresses[name] ?? [],
  });
  const sender = new Sender({ guard, clock, timeoutMs: 500 });
  onTestFinished(() => sender.close());
  const registry = new WebhookRegistry(context, { guard, sender });
  const failures: unknown[] = [];
  const router = new Router(webhookRoutes(registry), clock, (_path, error) => failures.push(error));
  onTestFinished(() => {
    if (failures.length > 0) throw failures[0];
  });
  return Object.assign(opened, {
    context,
    registry,
    addresses,
    rings,
    caller: async (name: string): Promise<Caller> => {
      const { id } = await control.accounts.create({ name }, "test");
      const { secret } = await control.keys.create({ accountId: id, prefix: "hg_sk_" }, "test");
      const identity = control.directory.identify(secret, START) as Identity;
      return {
        accountId: id,
        async ask(method, path, body, headers = {}) {
          const [pathname = "", query = ""] = path.split("?");
          const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body));
          const answer = await router.answer({ method, path: pathname, query, headers, body: bytes, identity });
          if (answer === UNAUTHENTICATED) throw new Error("the key is not taken");
          return answerOf(answer);
        },
      };
    },
  });
}

function answerOf({ status, headers, body }: EventsAnswer): Answer {
  const names: Record<string, string> = {};
  for (let i = 0; i < headers.length; i += 2) names[String(headers[i]).toLowerCase()] = String(headers[i + 1]);
  return { status, headers: names, json: body === "" ? undefined : JSON.parse(String(body)) };
}
