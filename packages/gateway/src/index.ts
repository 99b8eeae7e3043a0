export { GATEWAY_ERRORS, type GatewayErrorCode } from "./errors.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export type { GatewayLog, LogFields } from "./gateway-log.ts";
export { normalisePath } from "./normalise-path.ts";
export type { Records } from "./records.ts";
export { type RequestTarget, readTarget } from "./request-target.ts";
export { DEFAULT_TRANSPORT_LIMITS, type TransportLimits } from "./transport-limits.ts";
export { upstreamUrl } from "./upstream.ts";
