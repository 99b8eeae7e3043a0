import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { obey } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { fine, refusal, scriptedApi } from "./scripted-api.ts";

/** The part of OpenTelemetry's API that the documentation uses: a span is active in all that is begun in it. */
class Span {
  readonly events: [name: string, attributes: object][] = [];

  addEvent(name: string, attributes: object): void {
    this.events.push([name, attributes]);
  }
}

test("notices become events of the span that the call was made in, as the reference shows it", async () => {
  const page = readFileSync(new URL("../../../../docs/reference/client.md", import.meta.url), "utf8");
  const example = /^import \{ trace \}.*?\n\n(const api.*?)^```/ms.exec(page)?.[1];
  const active = new AsyncLocalStorage<Span>();
  const trace = { getActiveSpan: () => active.getStore() };
  const clock = virtualClock();
  const server = scriptedApi(clock, refusal({ "retry-after": "3" }), fine);
  const onVirtualClock: typeof obey = (fetch, options) => obey(fetch, { ...options, clock });
  const api = new Function("trace", "obey", "fetch", `${example} return api;`)(trace, onVirtualClock, server.fetch);

  const spans = [new Span(), new Span()];
  const calls = spans.map((span, i) => active.run(span, () => api(`https://api.example.com/${i}`)));
  await clock.until(Promise.all(calls));
  expect(spans.map(({ events }) => events.map(([name]) => name))).toEqual([
    ["obey.waiting", "obey.retried"],
    ["obey.paced"],
  ]);
  for (const [i, { events }] of spans.entries()) {
    for (const [, attributes] of events) expect(attributes).toMatchObject({ url: `https://api.example.com/${i}` });
  }
});
