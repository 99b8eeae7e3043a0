/** What a connection may take of this process, in bytes and time. Not rate limits: those are the policy's. */
export interface TransportLimits {
  /** Request line and headers of one request together; more is a 431, or a 414 where the URL alone is too long. */
  readonly maxHeaderBytes: number;
  /** The request's URL; more is a 414. */
  readonly maxUrlBytes: number;
  /** A body that must be read before the request can be decided; more is a 413. */
  readonly maxBufferedBodyBytes: number;
  /** Such bodies of all requests together; a body beyond that is a 503. */
  readonly maxBufferedBytesTotal: number;
  /** Such bodies of one client address; a body beyond that is a 503. */
  readonly maxBufferedBytesPerAddress: number;
  /** For such a body to come whole; longer is a 408. */
  readonly bufferedBodyTimeoutMs: number;
  /** Requests that wait on one connection for others to be answered first; one more, and it is closed. */
  readonly maxPipelinedRequests: number;
  /** Of answers that lie ready on one connection behind others; more, and it is closed. */
  readonly maxPipelinedBytes: number;
  /** From a connection's or request's first byte to its last header; longer is a 408. */
  readonly headersTimeoutMs: number;
  /** Longest pause within a body, whether the client sends it (then a 408) or is to take it (then the end). */
  readonly bodyIdleTimeoutMs: number;
  /** How long a connection may wait for its next request. */
  readonly keepAliveTimeoutMs: number;
  /** Client connections at once; more are closed as they come. Undefined: as many as the system gives. */
  readonly maxConnections: number | undefined;
  /** To open a connection to the upstream; longer is a 504. */
  readonly upstreamConnectTimeoutMs: number;
  /** From the request's last byte to the answer's last header; longer is a 504. */
  readonly upstreamHeadersTimeoutMs: number;
  /** Longest pause within the upstream's body; longer cuts the answer off. */
  readonly upstreamBodyTimeoutMs: number;
  /** Connections to the upstream at once; requests above it queue. */
  readonly upstreamConnections: number;
  /** Requests in flight and queued at once; more are a 503. */
  readonly maxUpstreamRequests: number;
}

/** What holds where nothing else is said. */
export const DEFAULT_TRANSPORT_LIMITS: TransportLimits = Object.freeze({
  maxHeaderBytes: 16 * 1024,
  maxUrlBytes: 8 * 1024,
  maxBufferedBodyBytes: 1024 * 1024,
  maxBufferedBytesTotal: 256 * 1024 * 1024,
  maxBufferedBytesPerAddress: 32 * 1024 * 1024,
  bufferedBodyTimeoutMs: 60_000,
  // Twice what browsers had when they pipelined, four times what benchmarks do.
  maxPipelinedRequests: 64,
  maxPipelinedBytes: 16 * 1024 * 1024,
  headersTimeoutMs: 10_000,
  bodyIdleTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  maxConnections: undefined,
  upstreamConnectTimeoutMs: 5_000,
  upstreamHeadersTimeoutMs: 60_000,
  upstreamBodyTimeoutMs: 60_000,
  upstreamConnections: 128,
  maxUpstreamRequests: 65_536,
});

/** What one of several gates may take that are to keep these limits together. */
export function shareOf(limits: TransportLimits, gates: number): TransportLimits {
  const share = (number: number): number => Math.ceil(number / gates);
  return {
    ...limits,
    maxBufferedBytesTotal: share(limits.maxBufferedBytesTotal),
    maxBufferedBytesPerAddress: Math.max(share(limits.maxBufferedBytesPerAddress), limits.maxBufferedBodyBytes),
    maxConnections: limits.maxConnections && share(limits.maxConnections),
    upstreamConnections: share(limits.upstreamConnections),
    maxUpstreamRequests: share(limits.maxUpstreamRequests),
  };
}
