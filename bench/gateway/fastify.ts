// Fastify with its own proxy and its own rate limiter, one limit.
import httpProxy from "@fastify/http-proxy";
import rateLimit from "@fastify/rate-limit";
import { fastify } from "fastify";

const [port, upstream] = process.argv.slice(2) as [string, string];
const app = fastify();
await app.register(rateLimit, { max: 1_000_000_000, timeWindow: 60_000 });
await app.register(httpProxy, { upstream, undici: { connections: 128 } });
await app.listen({ port: Number(port), host: "127.0.0.1" });
