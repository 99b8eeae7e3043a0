import type { AddressInfo, Server, Socket } from "node:net";
import type { Store } from "@headgate/core";
import { type Policy, RememberedCredentials, WithoutStore } from "@headgate/policy";
import { BodyBudget } from "./body-budget.ts";
import type { BuiltinApi } from "./builtin-api.ts";
import type { OnDecisions } from "./decision-counts.ts";
import { DecisionTally } from "./decision-tally.ts";
import { createFrontServer } from "./front-server.ts";
import type { GatewayLog } from "./gateway-log.ts";
import { handedConnections } from "./handed-connections.ts";
import { LimitWatch, type OnLimit } from "./limit-watch.ts";
import { type ListenOptions, listening } from "./listening.ts";
import type { PagesOf } from "./public-pages.ts";
import type { Records } from "./records.ts";
import { ShadowReport } from "./shadow-report.ts";
import { openSite, type Surroundings } from "./site.ts";
import { Suspender } from "./suspender.ts";
import { DEFAULT_TRANSPORT_LIMITS, type TransportLimits } from "./transport-limits.ts";
import { openUpstream, upstreamName } from "./upstream.ts";

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly policy: Policy;
  readonly store: Store;
  /** Decides where the store cannot be asked. One of its own, which takes this process for the only one, if not given. */
  readonly withoutStore?: WithoutStore | undefined;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly log: GatewayLog;
  /**
   * Who is on record. Without it a policy with `credentials: managed` knows nobody, and nobody is suspended. Whoever made
   * it closes it, after the gateway.
   */
  readonly control?: Records | undefined;
  /**
   * Hears of accounts that come near their limits or over them, once a window. Requests wait while it is called, so it
   * must neither take long nor throw.
   */
  readonly onLimit?: OnLimit | undefined;
  /**
   * Hears what was decided: once a second, at a reload, and a last time when the gateway has closed. Without it the log is
   * told what shadow limits would have refused; else whoever hears of it can tell that, of several gateways at once.
   */
  readonly onDecisions?: OnDecisions | undefined;
  /** What connections may take; {@link DEFAULT_TRANSPORT_LIMITS} where nothing is said. */
  readonly limits?: Partial<TransportLimits>;
  /** Instead of the policies' own. */
  readonly upstream?: URL | undefined;
  /** What `upstream: builtin:events` stands for. Whoever made it closes it, after the gateway. */
  readonly builtin?: BuiltinApi | undefined;
  /** Pages for anybody that go with a policy; asked for each that is served. */
  readonly pagesOf?: PagesOf | undefined;
}

/** A reverse proxy that holds callers to a policy. */
export interface Gateway {
  /** Starts to accept connections. Rejects with the system's error where the port cannot be had. */
  listen(where: ListenOptions): Promise<AddressInfo>;
  /** Takes connections that an acceptor with this secret hands over, on a port of loopback instead. */
  listenForAcceptor(secret: Uint8Array): Promise<AddressInfo>;
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
  const limits = { ...DEFAULT_TRANSPORT_LIMITS, ...options.limits };
  const { store, clock, log, control, onLimit, onDecisions, withoutStore = new WithoutStore({ log }) } = options;
  const shadowReport = new ShadowReport(log);
  const surroundings: Surroundings = {
    store,
    withoutStore,
    clock,
    log,
    control,
    suspender: control && new Suspender(control, store, log),
    limitWatch: onLimit && new LimitWatch(onLimit),
    tally: new DecisionTally(onDecisions ?? ((counts) => shadowReport.note(counts))),
    limits,
    bodyBudget: new BodyBudget(limits.maxBufferedBytesTotal, limits.maxBufferedBytesPerAddress),
    isDraining: false,
    pagesOf: options.pagesOf,
  };

  let upstreamKnows = new RememberedCredentials(clock);
  let site = openSite(options.policy, surroundings, openUpstream(options.policy, options, limits), upstreamKnows);
  const server = createFrontServer(surroundings, () => site);
  let handed: Server | undefined;
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
    // It never listened itself then, and only ends its watch over connections.
    if (handed) server.close();
    (handed ?? server).close(() => {
      clearInterval(sweep);
      site.upstream.retire();
      surroundings.tally.close();
      shadowReport.flush();
      closed.resolve();
    });
  };

  return {
    listen: (where) => listening(server, where),

    listenForAcceptor(secret) {
      handed = handedConnections(server, secret);
      return listening(handed, { port: 0, host: "127.0.0.1" });
    },

    reload(policy) {
      const isSameUpstream =
        upstreamName(policy, options.upstream, options.builtin !== undefined) === site.upstream.name;
      const knows = isSameUpstream ? upstreamKnows : new RememberedCredentials(clock);
      const upstream = isSameUpstream ? site.upstream : openUpstream(policy, options, limits);
      const before = site;
      site = openSite(policy, surroundings, upstream, knows);
      surroundings.tally.tell();
      shadowReport.flush();
      upstreamKnows = knows;
      if (!isSameUpstream) before.upstream.retire();
    },

    drain() {
      stopAccepting();
      options.builtin?.drain();
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
