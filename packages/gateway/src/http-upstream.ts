import { type Dispatcher, Pool } from "undici";
import { CountedUpstream } from "./counted-upstream.ts";
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

/** The connections to one upstream over HTTP. */
export class HttpUpstream extends CountedUpstream {
  readonly kind = "http";
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #serverName: string;
  #isClosed = false;
  #freshPool: Pool | undefined;
  readonly #newPool: () => Pool;

  constructor(url: URL, limits: TransportLimits) {
    super(url.href, limits.maxUpstreamRequests);
    this.#basePath = url.pathname.replace(/\/+$/, "");
    // Else undici takes the client's Host for the name to verify the upstream's certificate by.
    this.#serverName = url.hostname.replace(/^\[|\]$/g, "");
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

  /** Closes all connections now. */
  destroy(): void {
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

  protected override close(): void {
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
