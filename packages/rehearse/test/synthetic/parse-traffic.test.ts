import { HeadgateError } from "@headgate/core";
import { expect, test } from "vitest";
import { parseTraffic, type TrafficText } from "../../src/synthetic/parse-traffic.ts";

test("traffic is read as people write it", () => {
  const text: TrafficText = {
    shape: "retry-storm",
    rate: "600/m",
    callers: "1000",
    for: "2h",
    seed: "7",
    requests: ["get /v1/events/{id}?a=b", "POST /v1/events"],
    headers: ["X-Api-Key:  key-{caller}"],
  };
  expect(parseTraffic(text)).toEqual({
    shape: "retry-storm",
    ratePerSecond: 10,
    callers: 1000,
    durationMs: 7_200_000,
    seed: 7,
    startsAt: Date.UTC(2026, 0, 5),
    routes: [
      { method: "GET", target: "/v1/events/{id}?a=b" },
      { method: "POST", target: "/v1/events" },
    ],
    headers: { "x-api-key": "key-{caller}" },
  });
});

test("a shape alone is ten requests a second of a hundred callers, for an hour", () => {
  expect(parseTraffic({ shape: "poisson" })).toMatchObject({ ratePerSecond: 10, callers: 100, durationMs: 3_600_000 });
});

test.each<[Partial<TrafficText>, string]>([
  [{ shape: "sawtooth" }, '"sawtooth" is not a shape of traffic; there are steady,'],
  [{ rate: "50" }, 'the rate "50"'],
  [{ rate: "0/s" }, 'the rate "0/s"'],
  [{ rate: "50/year" }, 'the rate "50/year"'],
  [{ rate: "2000000/s" }, "up to a million a second"],
  [{ callers: "0" }, "the number of callers"],
  [{ callers: "16777217" }, "from 1 to 16777216"],
  [{ callers: "many" }, 'not "many"'],
  [{ seed: "-1" }, "the seed is a whole number"],
  [{ for: "forever" }, '"forever" is not a time'],
  [{ for: "0s" }, '"0s" is not a time'],
  [{ requests: ["/v1"] }, '"/v1" is not a request'],
  [{ headers: ["x-api-key"] }, '"x-api-key" is not a header'],
])("what cannot be read is named: %j", (text, message) => {
  expect(() => parseTraffic({ shape: "steady", ...text })).toThrow(
    expect.objectContaining({ code: "HG_TRAFFIC_INVALID", message: expect.stringContaining(message) }),
  );
  expect(() => parseTraffic({ shape: "steady", ...text })).toThrow(HeadgateError);
});
