import type { Decided, LoggedRequest, Rehearsal } from "@headgate/rehearse";
import fc from "fast-check";
import { expect, test } from "vitest";
import { at, replayOf } from "./rehearsed.ts";

const POLICY = `
callers: { tenant: { query: tenant } }
endpoints: { things: [ "/things/{id}" ] }
limits:
  - { name: each, per: ip, quota: 4, window: 1s }
  - { name: writes, match: { methods: POST }, per: [ip, method], quota: 2, window: 1s, algorithm: sliding-window }
  - { name: things, match: { path: "/things/**" }, per: [endpoint, ip], quota: 3, window: 2s, algorithm: token-bucket }
  - { name: tenants, per: tenant, quota: 2, window: 1s }
  - { name: tried, per: [], quota: 9, window: 1s, mode: shadow }
  - { name: small, max-body: 10B, match: { methods: POST } }
suspend: [{ per: ip, after: 5 denials, within: 10s, for: 3s }]`;
const LOG = { files: ["log"], bytes: 0, lines: 0, faults: [] };

const request = fc.record({
  gapMs: fc.nat({ max: 400 }),
  ip: fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", undefined),
  method: fc.constantFrom("GET", "POST"),
  target: fc.constantFrom("/", "/things/1", "/things/2", "/things/1?tenant=a", "/a/..%2f"),
  bytes: fc.constantFrom(undefined, 5, 20),
  // As a reader numbers them that keeps next to no text.
  ipNumber: fc.constantFrom(undefined, 1, 2),
  targetNumber: fc.constantFrom(undefined, 3, 4),
});

/** A replay to which every request is a stranger's: headers of its own, which nobody looks at, keep it off the quick way. */
function lookedAt(request: LoggedRequest): LoggedRequest {
  return { ...request, headers: {} };
}

test("callers that come again are decided and counted as if each request were looked at", () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 80 }), (requests) => {
      const quick = replayOf(POLICY);
      const plain = replayOf(POLICY);
      let ms = 0;
      const logged = requests.map(({ gapMs, ...fields }) => {
        ms += gapMs;
        return at(ms, fields);
      });
      const decided: string[] = [];
      quick.takeAll(logged, (each: Decided) => decided.push(JSON.stringify(each)));
      expect(decided).toEqual(logged.map((request) => JSON.stringify(plain.take(lookedAt(request)))));
      const report: Rehearsal = quick.rehearsal(LOG);
      expect(report).toEqual(plain.rehearsal(LOG));
    }),
  );
});

test("more callers than are remembered are counted as if each request were looked at", () => {
  const quick = replayOf(POLICY);
  const plain = replayOf(POLICY);
  const requests: LoggedRequest[] = [];
  for (let i = 0; i < 66_000; i++) {
    // Some come all the time, and most three times in a row.
    const caller = i % 4 === 0 ? i % 44 : 1000 + Math.floor(i / 3);
    requests.push(
      at(i, { ip: `10.${caller >> 16}.${(caller >> 8) & 255}.${caller & 255}`, ipNumber: 1 + (caller % 30_000) }),
    );
  }
  const refusedFor: Decided["refusedFor"][] = [];
  quick.takeAll(requests, (each) => refusedFor.push(each.refusedFor));
  expect(refusedFor).toEqual(requests.map((request) => plain.take(lookedAt(request)).refusedFor));
  expect(quick.rehearsal(LOG)).toEqual(plain.rehearsal(LOG));
});
