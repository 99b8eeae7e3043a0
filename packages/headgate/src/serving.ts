import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Control, createAdmin } from "@headgate/control";
import { openEventsApi } from "@headgate/events";
import { ChangeCounts, type GatewayLog, RunningCounts, ShadowReport, upstreamName } from "@headgate/gateway";
import type { Policy } from "@headgate/policy";
import { type AdminToken, adminTokenOf, forgetNewToken } from "./admin-token.ts";
import { openCounters } from "./counters.ts";
import { placeCounters } from "./counters-place.ts";
import type { DataPlace } from "./data-place.ts";
import { createGates, type PolicyInForce } from "./gates.ts";
import { listening, urlHost } from "./listening.ts";
import { notePolicy, warnOfStrays } from "./policy-note.ts";
import { closeRecords, openRecords } from "./records.ts";
import { leaveServerNote } from "./server-note.ts";

export interface ServingOptions extends PolicyInForce {
  /** Threads that accept connections; with 1 it is this one, and with more their clock is the system's. Default 1. */
  readonly workers?: number;
  readonly port: number;
  readonly host?: string | undefined;
  readonly adminPort: number;
  readonly clock: () => number;
  /** Instead of the policy's own. */
  readonly upstream: URL | undefined;
  readonly data: DataPlace;
  /** The Redis that the environment names. */
  readonly redisUrl?: string | undefined;
  readonly log: GatewayLog;
}

/** A gate that is open: its two listeners, the records behind it, and the way to close it. */
export interface Serving {
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  /** The upstream's URL, or `builtin:events`. */
  readonly upstream: string;
  readonly adminToken: AdminToken;
  readonly control: Control;
  /** Serves another policy with the same counts. Rejects as `Gateway.reload` throws, and then the old one stays. */
  reload(next: PolicyInForce): Promise<void>;
  /** Lets requests in flight finish, for so long at most; false when some did not and were cut off. */
  drain(withinMs: number): Promise<boolean>;
}

/**
 * Opens the records, the gate and the admin port. Throws `HG_UPSTREAM_MISSING`, `HG_JWKS_UNREADABLE`, `HG_STORAGE_…` and
 * `HG_ADMIN_TOKEN_INVALID` before anything listens, and `HG_LISTEN` when one of the ports cannot be had; nothing is left
 * open then.
 */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const { upstream, clock, log, data, file, text, beside, workers = 1 } = options;
  let { policy } = options;
  const name = upstreamName(policy, upstream, true);
  let isReady = true;
  await using opening = new AsyncDisposableStack();

  const control = await openRecords(data, { clock, log });
  opening.defer(() => closeRecords(control));
  const adminToken = await adminTokenOf(data.folder);
  await using untold = new AsyncDisposableStack();
  untold.defer(() => forgetNewToken(adminToken));
  const changes = new ChangeCounts();
  const events = await openEventsApi({
    control,
    changes,
    clock,
    log,
    policy: () => policy.events,
    folder: join(data.folder, "events"),
  });
  opening.defer(() => events.close());
  const counters = await openCounters(placeCounters(policy, options.redisUrl), { log });
  opening.defer(() => counters.close());
  const decisions = new RunningCounts();
  expectDecisions(decisions, policy);
  const shadowReport = new ShadowReport(log);
  opening.defer(() => shadowReport.flush());
  const gates = createGates({
    workers,
    inForce: { file, text, beside, policy },
    counters,
    clock,
    log,
    control,
    upstream,
    builtin: events,
    changes,
    onLimit: (notice) => events.tellOfLimit(notice),
    onDecisions(counts) {
      decisions.add(counts);
      shadowReport.note(counts);
    },
  });
  const admin = createAdmin({
    control,
    clock,
    log,
    token: adminToken.secret,
    isReady: () => isReady,
    enforcement: () => ({ policy, store: counters.store }),
    decisions: () => decisions,
    store: gates.storeNumbers,
    routes: [events.adminRoutes],
  });
  opening.defer(() => closeAdmin(admin));
  opening.defer(() => gates.close());
  const where = { port: options.port, host: options.host };
  const address = await listening(where, () => gates.listen(where));
  const adminWhere = { port: options.adminPort, host: "127.0.0.1" };
  const openAdmin = async (): Promise<AddressInfo> => {
    await admin.listen(adminWhere);
    return admin.server.address() as AddressInfo;
  };
  const adminAddress = await listening(adminWhere, openAdmin, address);
  const adminUrl = `http://127.0.0.1:${adminAddress.port}`;
  opening.defer(await leaveServerNote(data.folder, { pid: process.pid, admin: adminUrl }));
  const noteInForce = async (): Promise<void> => {
    await notePolicy(control, policy);
    await warnOfStrays(control, policy, { clock, log });
  };
  await noteInForce();
  untold.move();
  const open = opening.move();

  return {
    gatewayUrl: `http://${urlHost(options.host)}:${address.port}`,
    adminUrl,
    upstream: name,
    adminToken,
    control,
    async reload(next) {
      await gates.reload(next);
      shadowReport.flush();
      if (!isDeepStrictEqual(next.policy.store, policy.store)) {
        log.warn("store-unchanged", { advice: "counters stay where they are until the next start" });
      }
      policy = next.policy;
      expectDecisions(decisions, policy);
      noteInForce().catch((error: Error) => log.warn("policy-not-noted", { reason: error.message }));
    },
    async drain(withinMs) {
      isReady = false;
      const drained = await endsWithin(withinMs, gates.drain());
      await open.disposeAsync();
      return drained;
    },
  };
}

/** How long changes in flight may take to be answered: nobody could tell whether one that was cut off was made. */
const ADMIN_DRAIN_MS = 5000;
/** How often connections are looked for that have become idle. */
const SWEEP_MS = 50;

async function closeAdmin(admin: ReturnType<typeof createAdmin>): Promise<void> {
  const sweep = setInterval(() => admin.server.closeIdleConnections(), SWEEP_MS);
  const closed = admin.close();
  if (!(await endsWithin(ADMIN_DRAIN_MS, closed))) admin.server.closeAllConnections();
  await closed;
  clearInterval(sweep);
}

async function endsWithin(withinMs: number, end: PromiseLike<unknown>): Promise<boolean> {
  const timer = Promise.withResolvers<false>();
  const timeout = setTimeout(() => timer.resolve(false), withinMs);
  const ended = await Promise.race([end.then(() => true), timer.promise]);
  clearTimeout(timeout);
  return ended;
}

/** A limit that nothing has met yet counts 0: a metric that comes into being with its first refusal would hide that one. */
function expectDecisions(decisions: RunningCounts, { limits }: Policy): void {
  for (const { limit } of limits) decisions.of(limit.name);
}
