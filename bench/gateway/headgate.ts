// Headgate with three limits that every request meets, told in the given style of headers.
import { MemoryStore } from "@headgate/core";
import { createGateway } from "@headgate/gateway";
import { loadPolicy } from "@headgate/policy";

const [port, upstream, style] = process.argv.slice(2) as [string, string, string];
const { policy, problems } = loadPolicy(
  `
headgate: 1
upstream: ${upstream}
responses: { headers: { style: ${style} } }
callers: { api-key: { bearer: true } }
limits:
  - { name: key, per: [api-key], quota: 1000000000, window: 1m }
  - { name: address, per: [ip], quota: 1000000000, window: 1m, algorithm: token-bucket }
  - { name: all, per: [], quota: 1000000000, window: 1m, algorithm: sliding-window }
`,
  { file: "bench.yaml" },
);
if (!policy) throw new Error(JSON.stringify(problems));

const log = { info() {}, warn() {}, error() {} };
const gateway = createGateway({ policy, store: new MemoryStore(), clock: Date.now, log });
await gateway.listen({ port: Number(port), host: "127.0.0.1" });
