import { obey } from "@headgate/client";
import { ResponseCache } from "@headgate/client/cache";
import { expect, test } from "vitest";
import { bearer, issueKey } from "../systems/admin.ts";
import { serve } from "../systems/harness.ts";

test("a list that has not changed is asked for by its ETag, and its 304 is shown as the 200 that it confirms", async () => {
  const gate = await serve(undefined);
  const headers = { ...bearer(await issueKey(gate)), "content-type": "application/json" };
  const statuses: number[] = [];
  const told: string[] = [];
  const api = obey(
    async (input, init) => {
      const response = await fetch(input, init);
      statuses.push(response.status);
      return response;
    },
    { cache: new ResponseCache(), onNotice: ({ kind, reason }) => told.push(`${kind} ${reason}`) },
  );
  const add = () => api(`${gate.url}/v1/events`, { method: "POST", headers, body: '{"type": "user.login"}' });
  const list = async (limit: number): Promise<[number, number]> => {
    const response = await api(`${gate.url}/v1/events?limit=${limit}`, { headers });
    const { items } = (await response.json()) as { readonly items: readonly unknown[] };
    return [response.status, items.length];
  };
  await add();
  expect([await list(10), await list(10)]).toEqual([
    [200, 1],
    [200, 1],
  ]);
  await add();
  expect(await list(10)).toEqual([200, 2]);
  expect(statuses).toEqual([200, 200, 304, 200, 200]);
  expect(told).toEqual(["from-cache revalidated"]);
  expect((await api(`${gate.url}/v1/events?limit=10`, { headers: { authorization: "Bearer other" } })).status).toBe(
    401,
  );
});
