import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { obey } from "@headgate/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DIALECTS } from "../../packages/client/test/obey/dialects.ts";

/** What a machine that others keep busy may add. Nothing makes up for coming early. */
const TOLERANCE_MS = 500;

let server: Server;
let statuses: readonly number[];
/** When requests came, by the number of their dialect. */
const arrivals = DIALECTS.map((): number[] => []);

beforeAll(async () => {
  server = createServer((request, response) => {
    const now = Date.now();
    const dialect = Number(request.url?.slice(1));
    const times = arrivals[dialect] as number[];
    if (times.push(now) > 1) return response.end("fine");
    const { headers, body = "{}" } = DIALECTS[dialect] as (typeof DIALECTS)[number];
    return response.writeHead(429, headers(now)).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  statuses = await Promise.all(
    DIALECTS.map(async ({ dialect = {} }, i) => {
      const response = await obey(fetch, { dialect })(`http://127.0.0.1:${port}/${i}`);
      return response.status;
    }),
  );
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test.each(DIALECTS.map((spoken, i) => [spoken.name, spoken, i] as const))(
  "over sockets and in real time, too, a 429 that says 2 s as %s does is followed by one request, in time",
  (_, { isRoundedUp }, i) => {
    expect(statuses[i]).toBe(200);
    const [first, second, ...more] = arrivals[i] as [number, number];
    expect(more).toEqual([]);
    expect(second - first).toBeGreaterThanOrEqual(2_000);
    expect(second - first).toBeLessThanOrEqual((isRoundedUp ? 3_000 : 2_600) + TOLERANCE_MS);
  },
);
