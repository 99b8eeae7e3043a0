export type { Cell, Swap } from "../cell/cell.ts";
export { shareThrough } from "../cell/share-through.ts";
export { type IoRedis, type NodeRedis, type RedisSharing, shareOverRedis } from "./share-over-redis.ts";
