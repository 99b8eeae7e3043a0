import { randomUUID } from "node:crypto";
import type { Control } from "@headgate/control";
import type { AdminRoutes } from "@headgate/control/admin";
import { every as everyByTimer } from "@headgate/control/timer";
import type { Awaitable } from "@headgate/core";
import type { EventsPolicy } from "@headgate/policy";
import { webhookAdmin } from "./admin/webhook-admin.ts";
import { webhookOffice } from "./admin/webhook-office.ts";
import type { EventsAnswer, UNAUTHENTICATED } from "./api/answer.ts";
import { openApiRoute } from "./api/open-api-route.ts";
import type { EventsRequest } from "./api/request.ts";
import { Router } from "./api/router.ts";
import type { EventsContext, EventsServiceLog } from "./context.ts";
import { openExports } from "./exports/exports.ts";
import { idMaker } from "./id.ts";
import { ingestRoutes } from "./ingest/ingest-routes.ts";
import type { Changes } from "./log/changes.ts";
import { CommitSignal } from "./log/commit-signal.ts";
import { EventLog } from "./log/event-log.ts";
import { Retention } from "./log/retention.ts";
import { verifyRoutes } from "./log/verify-route.ts";
import { isoOf } from "./query/event-json.ts";
import { EventStreams } from "./query/event-stream.ts";
import { queryRoutes } from "./query/query-routes.ts";
import { Seal } from "./seal.ts";
import { openWebhooks, type WebhooksOptions } from "./webhooks/webhooks.ts";

export interface EventsApiOptions {
  /** Who is on record, and the database, which is theirs to close, after this. */
  readonly control: Control;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly log: EventsServiceLog;
  /** What the policy in force says; asked again and again. */
  readonly policy: () => EventsPolicy;
  /** Where files go; made when there is one. */
  readonly folder: string;
  /** Calls `run` again and again until what it returns is called; by default with a timer. */
  readonly every?: ((intervalMs: number, run: () => void) => () => void) | undefined;
  /** Counts the changes of accounts' events, so that whoever puts requests to the API may give some answers again itself. */
  readonly changes?: Changes | undefined;
  /** What webhooks look names up with, send with and take chances by; by default the real things. */
  readonly webhooks?: WebhooksOptions | undefined;
}

/** An account comes near the end of a quota, or was refused for it. */
export interface LimitNews {
  readonly type: "limit.approaching" | "limit.exceeded";
  readonly accountId: string;
  /** The limit's name. */
  readonly limit: string;
  readonly quota: number;
  readonly used: number;
  readonly remaining: number;
  /** Epoch ms. */
  readonly resetAt: number;
}

/** The built-in events API: a handler of requests, and what goes on behind it. */
export interface EventsApi {
  /** The largest body that it takes, in bytes. */
  readonly maxBodyBytes: number;
  /** What operators may ask of it, for the admin API. */
  readonly adminRoutes: AdminRoutes;
  /** Answers a request; `UNAUTHENTICATED` where it needs a credential and has none. Never rejects. */
  answer(request: EventsRequest): Awaitable<EventsAnswer | typeof UNAUTHENTICATED>;
  /** Tells an account's webhooks of a limit. Returns at once and never throws: what fails is logged. */
  tellOfLimit(news: LimitNews): void;
  /** Resolves when nothing that is due is left. */
  settled(): Promise<void>;
  /** Ends what would go on for ever, such as streams: no more requests are wanted. */
  drain(): void;
  /** Stops what goes on in the background. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Opens the events API on a database. Rejects with `HG_STORAGE_…`. */
export async function openEventsApi(options: EventsApiOptions): Promise<EventsApi> {
  const { control, clock, log, policy, folder, every = everyByTimer } = options;
  const { storage } = control;
  const commits = new CommitSignal();
  const context: EventsContext = {
    storage,
    control,
    clock,
    log,
    every,
    newId: idMaker(),
    instance: randomUUID(),
    policy,
    folder,
    events: new EventLog(storage, commits, options.changes),
    commits,
    seal: await Seal.open(storage),
  };
  const stopFollowing = storage.onForeignCommit(() => commits.ring(undefined));

  const streams = new EventStreams(context);
  const retention = new Retention(context);
  const webhooks = openWebhooks(context, options.webhooks);
  const exports = openExports(context, { messageStatements: webhooks.messageStatements });
  const routes = [
    ...ingestRoutes(context),
    ...queryRoutes(context, streams),
    ...verifyRoutes(context),
    ...webhooks.routes,
    ...exports.routes,
  ];
  const router = new Router([...routes, openApiRoute(routes, context.seal)], clock, (path, error) =>
    log.error("events-failed", {
      path,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  return {
    maxBodyBytes: MAX_BODY_BYTES,
    adminRoutes: webhookAdmin(webhookOffice(context, webhooks.wake)),
    answer: (request) => router.answer(request),
    tellOfLimit({ type, accountId, limit, quota, used, remaining, resetAt }) {
      const data = { limit, quota, used, remaining, reset_at: isoOf(resetAt) };
      webhooks
        .announce(accountId, type, data)
        .catch((error: Error) => log.warn("limit-not-told", { limit, reason: error.message }));
    },
    async settled() {
      await Promise.all([webhooks.settled(), exports.settled(), retention.settled()]);
    },
    drain() {
      streams.drain();
      webhooks.drain();
      exports.drain();
    },
    async close() {
      stopFollowing();
      streams.drain();
      await Promise.all([webhooks.close(), exports.close(), retention.close()]);
    },
  };
}
