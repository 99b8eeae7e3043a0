import type { AddressInfo, Socket } from "node:net";
import type { Store } from "@headgate/core";
import type { Policy } from "@headgate/policy";
import { BodyBudget } from "./body-budget.ts";
import { RememberedCredentials } from "./credentials.ts";
import { createFrontServer } from "./front-server.ts";
import type { GatewayLog } from "./gateway-log.ts";
import { openSite, type Surroundings } from "./site.ts";
import { DEFAULT_TRANSPORT_LIMITS, type TransportLimits } from "./transport-limits.ts";
import { Upstream, upstreamUrl } from "./upstream.ts";

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly policy: Policy;
  readonly store: Store;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly log: GatewayLog;
  /** What connections may take; {@link DEFAULT_TRANSPORT_LIMITS} where nothing is said. */
  readonly limits?: Partial<TransportLimits>;
  /** Instead of the policies' own. */
  readonly upstream?: URL;
}

/** A reverse proxy that holds callers to a policy. */
export interface Gateway {
  /** Starts to accept connections. Rejects with the system's error where the port cannot be had. */
  listen(where: { readonly port: number; readonly host?: string | undefined }): Promise<AddressInfo>;
  /**
   * Serves another policy from the next request on, with the same counts; requests in flight end under the one they came
   * to. Throws as {@link createGateway} does, and then the old policy stays.
   */
  reload(policy: Policy): void;
  /** Accepts no more connections, and resolves when the requests in flight, and open tunnels, have ended. */
  drain(): Promise<void>;
  /** Closes everything at once, whatever is in flight. */
  close(): Promise<void>;
}

/** How often a draining gateway looks for connections that have become idle. */
const SWEEP_MS = 100;

/** Makes a gateway that does not listen yet. Throws `HG_UPSTREAM_MISSING` or `HG_JWKS_UNREADABLE`. */
export function createGateway(options: GatewayOptions): Gateway {
  const transportLimits = { ...DEFAULT_TRANSPORT_LIMITS, ...options.limits };
  const surroundings: Surroundings = {
    store: options.store,
    clock: options.clock,
    log: options.log,
    limits: transportLimits,
    bodyBudget: new BodyBudget(transportLimits.maxBufferedBytesTotal),
    isDraining: false,
  };
  const { clock, limits } = surroundings;

  let upstreamKnows = new RememberedCredentials(clock);
  let site = openSite(
    options.policy,
    surroundings,
    new Upstream(upstreamUrl(options.policy, options.upstream), limits),
    upstreamKnows,
  );
  const server = createFrontServer(surroundings, () => site);
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const closed = Promise.withResolvers<void>();
  let isClosing = false;

  const stopAccepting = (): void => {
    if (isClosing) return;
    isClosing = true;
    surroundings.isDraining = true;
    // A connection whose answer had begun before was not told to close after it.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    server.close(() => {
      clearInterval(sweep);
      site.upstream.retire();
      closed.resolve();
    });
  };

  return {
    listen({ port, host }) {
      return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port, host }, () => {
          server.off("error", reject);
          resolve(server.address() as AddressInfo);
        });
      });
    },

    reload(policy) {
      const url = upstreamUrl(policy, options.upstream);
      const isSameUpstream = url.href === site.upstream.url.href;
      const knows = isSameUpstream ? upstreamKnows : new RememberedCredentials(clock);
      const upstream = isSameUpstream ? site.upstream : new Upstream(url, limits);
      const before = site;
      site = openSite(policy, surroundings, upstream, knows);
      upstreamKnows = knows;
      if (!isSameUpstream) before.upstream.retire();
    },

    drain() {
      stopAccepting();
      // node:http takes a connection that has not said anything yet for one that is about to.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      return closed.promise;
    },

    async close() {
      stopAccepting();
      for (const socket of sockets) socket.destroy();
      await closed.promise;
      site.upstream.destroy();
    },
  };
}
