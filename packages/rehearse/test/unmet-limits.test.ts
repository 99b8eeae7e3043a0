import { loadPolicy, type Policy } from "@headgate/policy";
import { type LoggedRequest, NO_HEADERS, rehearse } from "@headgate/rehearse";
import { describe, expect, test } from "vitest";
import { readingOf } from "./suggest/reading-of.ts";

const POLICY = loadPolicy(`
headgate: 1
callers: { api-key: { header: x-api-key } }
limits:
  - { name: keyed, per: api-key, quota: 9, window: 1m }
  - { name: writes, per: [api-key, endpoint], quota: 9, window: 1m, match: { methods: POST } }
  - { name: each, per: ip, quota: 9, window: 1m }`).policy as Policy;

const ANONYMOUS: LoggedRequest = { time: 0, method: "GET", target: "/", ip: "192.0.2.1", headers: NO_HEADERS };
const KEYED: LoggedRequest = { ...ANONYMOUS, headers: { "x-api-key": "key" } };

async function notesOf(...requests: LoggedRequest[]): Promise<readonly string[]> {
  const [{ notes }] = await rehearse([POLICY], readingOf(requests));
  return notes;
}

describe("limits by a caller that no request tells of", () => {
  test("are noted, for they only seem to refuse nobody", async () => {
    expect(await notesOf(ANONYMOUS)).toEqual([
      "No request met keyed, writes, which count by api-key: perhaps the log does not keep it.",
    ]);
  });

  test("are not where one of them was met, or nothing at all", async () => {
    expect(await notesOf(ANONYMOUS, KEYED)).toEqual([]);
    expect(await notesOf()).toEqual([]);
  });
});
