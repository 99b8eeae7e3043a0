// What `npm start` runs: the example API on a port of its own, and Headgate with its default policy in front of it.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { run } from "headgate";
import { createUpstream } from "./upstream.ts";

const upstream = createUpstream().listen(0, "127.0.0.1");
await once(upstream, "listening");
const { port } = upstream.address() as AddressInfo;

process.exitCode = await run(["serve", "--upstream", `http://127.0.0.1:${port}`, ...process.argv.slice(2)]);
upstream.close();
upstream.closeAllConnections();
