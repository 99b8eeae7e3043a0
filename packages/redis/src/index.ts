export { connectRedis, type RedisLink } from "./connect/connect.ts";
export { REDIS_ERRORS, type RedisErrorCode } from "./errors.ts";
export { ExactStore, type ExactStoreOptions } from "./exact/exact-store.ts";
export { GuardedLink, type GuardNumbers, type GuardOptions } from "./guard/guarded-link.ts";
export type { GuardLog } from "./guard/outage.ts";
export type { Link } from "./link.ts";
export { defineScript, type Script } from "./script.ts";
