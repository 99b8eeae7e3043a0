import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Control, createAdmin } from "@headgate/control";
import { HeadgateError } from "@headgate/core";
import { openEventsApi } from "@headgate/events";
import { ChangeCounts, type GatewayLog, upstreamName } from "@headgate/gateway";
import { type AdminToken, adminTokenOf, forgetNewToken } from "./admin-token.ts";
import { openCounters } from "./counters.ts";
import { placeCounters } from "./counters-place.ts";
import type { DataPlace } from "./data-place.ts";
import { createGates, type PolicyInForce } from "./gates.ts";
import { noteIssuing } from "./issuing-note.ts";
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
  });
  const admin = createAdmin({
    control,
    clock,
    log,
    token: adminToken.secret,
    isReady: () => isReady,
    enforcement: () => ({ policy, store: counters.store }),
    store: gates.storeNumbers,
    routes: [events.adminRoutes],
  });
  opening.defer(() => closeAdmin(admin));
  opening.defer(() => gates.close());
  const address = await listening(options.port, () => gates.listen({ port: options.port, host: options.host }));
  const adminAddress = await listening(options.adminPort, async () => {
    await admin.listen({ port: options.adminPort, host: "127.0.0.1" });
    return admin.server.address() as AddressInfo;
  });
  const adminUrl = `http://127.0.0.1:${adminAddress.port}`;
  opening.defer(await leaveServerNote(data.folder, { pid: process.pid, admin: adminUrl }));
  await noteIssuing(control, policy.issuing);
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
      if (!isDeepStrictEqual(next.policy.store, policy.store)) {
        log.warn("store-unchanged", { advice: "counters stay where they are until the next start" });
      }
      policy = next.policy;
      noteIssuing(control, policy.issuing).catch((error: Error) =>
        log.warn("issuing-not-noted", { reason: error.message }),
      );
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

async function listening(port: number, open: () => Promise<AddressInfo>): Promise<AddressInfo> {
  try {
    return await open();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      EADDRINUSE: "another process listens there; choose another with --port or --admin-port",
      EACCES: "this user may not listen there; choose a port above 1023",
      EADDRNOTAVAIL: "this machine has no such address; see --host",
      ENOTFOUND: "there is no host of that name; see --host",
    };
    throw new HeadgateError("HG_LISTEN", `cannot listen on port ${port}: ${reasons[code] ?? message}`, {
      cause: error,
    });
  }
}

/** How a person on this machine would write the address in a URL. */
function urlHost(host: string | undefined): string {
  if (host === undefined || host === "::" || host === "0.0.0.0") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
