import { expect, test } from "vitest";
import { readPolicy } from "../../packages/headgate/src/policy-file.ts";
import { startServing } from "../../packages/headgate/src/serving.ts";
import { policyFile, startUpstream } from "../systems/harness.ts";

test("a response that never ends is cut off when the time to drain is over", async () => {
  const upstream = await startUpstream((_, response) => response.write("first"));
  const { policy } = await readPolicy(policyFile("default"));
  if (!policy) throw new Error("the default policy has faults");
  const serving = await startServing({
    policy,
    port: 0,
    host: "127.0.0.1",
    adminPort: 0,
    upstream: new URL(upstream.url),
    clock: Date.now,
    log: { info() {}, warn() {}, error() {} },
  });
  const response = await fetch(`${serving.gatewayUrl}/v1/clock`);
  expect(response.status).toBe(200);
  expect(await serving.drain(50)).toBe(false);
  await expect(response.text()).rejects.toThrow();
});
