import { readFileSync } from "node:fs";
import { DEFAULT_EVENTS_POLICY, type EventsPolicy, loadPolicy } from "@headgate/policy";
import { expect, test } from "vitest";

const DAY_MS = 86_400_000;

function eventsOf(section: string): EventsPolicy | undefined {
  const { policy, problems } = loadPolicy(`headgate: 1
upstream: builtin:events
credentials: managed
callers: { api-key: { bearer: true } }
${section}
limits: []`);
  expect(problems).toEqual([]);
  return policy?.events;
}

test("a policy with every field of the events API is compiled whole", () => {
  const text = readFileSync(new URL("fixtures/good/managed.yaml", import.meta.url), "utf8");
  expect(loadPolicy(text).policy).toMatchObject({
    upstream: { kind: "builtin", name: "events" },
    events: {
      maxBatch: 1000,
      retention: {
        defaultMs: 30 * DAY_MS,
        plans: new Map([
          ["pro", 365 * DAY_MS],
          ["enterprise", undefined],
        ]),
      },
      webhookNetworks: ["10.1.0.0/16", "fd00::/8", "192.168.0.7/32"],
      publicUrl: new URL("https://api.example.com/base"),
    },
  });
});

test("what the file leaves out is the default", () => {
  expect(eventsOf("")).toEqual(DEFAULT_EVENTS_POLICY);
  expect(eventsOf("events: {}")).toEqual(DEFAULT_EVENTS_POLICY);
  expect(eventsOf("events: { retention: { plans: {} }, webhooks: {} }")).toEqual(DEFAULT_EVENTS_POLICY);
});

test.each([
  ["1d", DAY_MS],
  ["24h", DAY_MS],
  ["90d", 90 * DAY_MS],
  ["3650d", 3650 * DAY_MS],
  ["forever", undefined],
])("events may be kept for %s, for every account or by default", (text, defaultMs) => {
  expect(eventsOf(`events: { retention: ${text} }`)?.retention).toEqual({ defaultMs, plans: new Map() });
  expect(eventsOf(`events: { retention: { default: ${text} } }`)?.retention).toEqual({ defaultMs, plans: new Map() });
});

test("the events API needs managed credentials, whichever others the file has", () => {
  for (const credentials of ["", "credentials: presented\n", "credentials: upstream\n"]) {
    const { problems } = loadPolicy(`headgate: 1\nupstream: builtin:events\n${credentials}limits: []`);
    expect(problems.map(({ code }) => code)).toEqual(["HG_POLICY_UNMANAGED"]);
  }
});
