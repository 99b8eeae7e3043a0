import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repeat, serve, startUpstream } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const POLICY = `headgate: 1
upstream: http://127.0.0.1:3000
limits:
  - { name: tried, mode: shadow, per: [], quota: 3, window: 1h }
  - { name: unmet, match: { path: /elsewhere }, per: [], quota: 3, window: 1h }
`;

test("what a shadow limit would have refused is in the metrics, and in the log to the last request, by all workers", async () => {
  const upstream = await startUpstream();
  const file = join(await temporaryFolder(), "policy.yaml");
  await writeFile(file, POLICY);
  const served = await serve(file, upstream.url, { workers: 2 });
  await repeat(20, () => fetch(served.url, { headers: { connection: "close" } }));

  const metrics = async (): Promise<string[]> => (await (await fetch(`${served.adminUrl}/metrics`)).text()).split("\n");
  await expect
    .poll(metrics, { timeout: 5000 })
    .toContain('headgate_limit_decisions_total{limit="tried",outcome="shadow-refused"} 17');
  expect(await metrics()).toEqual(
    expect.arrayContaining([
      'headgate_limit_decisions_total{limit="tried",outcome="admitted"} 3',
      'headgate_limit_decisions_total{limit="unmet",outcome="refused"} 0',
      'headgate_requests_total{outcome="admitted"} 20',
    ]),
  );

  process.kill(served.pid, "SIGTERM");
  expect(await served.exited).toBe(0);
  const reported = [...served.log().matchAll(/"limit":"tried","requests":(\d+)/g)].map(([, requests]) =>
    Number(requests),
  );
  expect(reported.reduce((sum, requests) => sum + requests, 0)).toBe(17);
});
