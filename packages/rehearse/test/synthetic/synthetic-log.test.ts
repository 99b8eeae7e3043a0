import { expect, test } from "vitest";
import { parseTraffic } from "../../src/synthetic/parse-traffic.ts";
import { syntheticLog } from "../../src/synthetic/synthetic-log.ts";

test("synthetic traffic is written as a log has it, a line for each request", () => {
  const spec = parseTraffic({ shape: "steady", rate: "100/s", for: "1m", requests: ["GET /v1/events?n={id}"] });
  const text = [...syntheticLog(spec)].join("");
  const lines = text.trimEnd().split("\n");
  expect(lines).toHaveLength(6000);
  expect(JSON.parse(lines[101] as string)).toEqual({
    time: Date.UTC(2026, 0, 5, 0, 0, 1, 10),
    method: "GET",
    path: expect.stringMatching(/^\/v1\/events\?n=\d{1,3}$/),
    ip: "10.0.0.1",
    headers: { authorization: "Bearer caller-1" },
    status: 200,
  });
});

test("a log comes in chunks of whole lines", () => {
  const spec = parseTraffic({ shape: "poisson", rate: "100/s", for: "1m" });
  const chunks = [...syntheticLog(spec)];
  expect(chunks.length).toBeGreaterThan(5);
  expect(chunks.filter((chunk) => !chunk.endsWith("\n") || chunk.length > 70_000)).toEqual([]);
});
