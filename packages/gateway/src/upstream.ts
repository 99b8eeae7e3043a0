import { HeadgateError } from "@headgate/core";
import type { Policy } from "@headgate/policy";
import { type Dispatcher, Pool } from "undici";
import type { TransportLimits } from "./transport-limits.ts";

/** What one request to the upstream is made of. The path is not yet the upstream's: its base path goes before it. */
export interface UpstreamRequest {
  readonly method: string;
  readonly pathAndQuery: string;
  readonly headers: string[];
  readonly body: Dispatcher.DispatchOptions["body"];
  /** The protocol of an upgrade, as the client named it. */
  readonly upgrade?: string | undefined;
}

/** The connections to one upstream, and how many requests use them. */
export class Upstream {
  readonly url: URL;
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #serverName: string;
  readonly #maxRequests: number;
  #requests = 0;
  #isRetired = false;
  #isClosed = false;
  #freshPool: Pool | undefined;
  readonly #newPool: () => Pool;

  constructor(url: URL, limits: TransportLimits) {
    this.url = url;
    this.#basePath = url.pathname.replace(/\/+$/, "");
    // Else undici takes the client's Host for the name to verify the upstream's certificate by.
    this.#serverName = url.hostname.replace(/^\[|\]$/g, "");
    this.#maxRequests = limits.maxUpstreamRequests;
    this.#newPool = () =>
      new Pool(url.origin, {
        connections: limits.upstreamConnections,
        pipelining: 1,
        allowH2: false,
        connect: { timeout: limits.upstreamConnectTimeoutMs },
        headersTimeout: limits.upstreamHeadersTimeoutMs,
        bodyTimeout: limits.upstreamBodyTimeoutMs,
      });
    this.#pool = this.#newPool();
  }

  /** Whether the requests counted in are no more than may wait for this upstream. */
  get hasRoom(): boolean {
    return this.#requests <= this.#maxRequests;
  }

  /** Counts a request in, from before it is decided, so that a retired upstream stays open for it. */
  enter(): void {
    this.#requests++;
  }

  /** Counts a request out. */
  leave(): void {
    this.#requests--;
    if (this.#isRetired && this.#requests === 0) this.#close();
  }

  /** Closes all connections when the requests counted in have left. */
  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    if (this.#requests === 0) this.#close();
  }

  /** Closes all connections now. */
  destroy(): void {
    this.#isRetired = true;
    this.#isClosed = true;
    void this.#pool.destroy();
    void this.#freshPool?.destroy();
  }

  dispatch(request: UpstreamRequest, handler: Dispatcher.DispatchHandler): void {
    this.#pool.dispatch(this.#toOptions(request), handler);
  }

  /** As {@link dispatch}, on a connection that no request has used before. */
  dispatchFresh(request: UpstreamRequest, handler: Dispatcher.DispatchHandler): void {
    this.#freshPool ??= this.#newPool();
    const options = this.#toOptions(request);
    options.reset = true;
    this.#freshPool.dispatch(options, handler);
  }

  #toOptions({ method, pathAndQuery, headers, body, upgrade }: UpstreamRequest): NamedOptions {
    return {
      method,
      path: this.#basePath === "" ? pathAndQuery : this.#basePath + pathAndQuery,
      headers,
      body: body ?? null,
      upgrade: upgrade ?? null,
      // Without pipelining no request waits behind another: telling undici so saves it looking for one.
      blocking: false,
      servername: this.#serverName,
    };
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#pool.close();
    void this.#freshPool?.close();
  }
}

/** What undici takes besides what its types say. */
interface NamedOptions extends Dispatcher.DispatchOptions {
  readonly servername: string;
}

/** The URL to serve: the override, else the policy's. Throws `HG_UPSTREAM_MISSING` where that is none to proxy to. */
export function upstreamUrl({ upstream }: Policy, override: URL | undefined): URL {
  if (override) return override;
  if (upstream?.kind === "http") return upstream.url;
  const problem = upstream ? `upstream: builtin:${upstream.name} cannot be served yet` : "the policy names no upstream";
  throw new HeadgateError("HG_UPSTREAM_MISSING", `${problem}; say where to send requests with --upstream URL`);
}
