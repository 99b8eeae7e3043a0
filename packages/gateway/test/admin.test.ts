import type { AddressInfo } from "node:net";
import { createAdminServer } from "@headgate/gateway";
import { expect, onTestFinished, test } from "vitest";

async function start(isReady: () => boolean): Promise<string> {
  const server = createAdminServer({ isReady });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("/healthz says that the process runs, ready or not", async () => {
  const response = await fetch(`${await start(() => false)}/healthz`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
});

test("/readyz says whether requests are wanted", async () => {
  let isReady = true;
  const url = await start(() => isReady);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  isReady = false;
  expect((await fetch(`${url}/readyz?verbose`)).status).toBe(503);
});

test("HEAD is answered without a body, other methods with 405, other paths with 404", async () => {
  const url = await start(() => true);
  expect(await (await fetch(`${url}/healthz`, { method: "HEAD" })).text()).toBe("");
  const refused = await fetch(`${url}/healthz`, { method: "POST" });
  expect(refused.status).toBe(405);
  expect(refused.headers.get("allow")).toBe("GET, HEAD");
  const missing = await fetch(`${url}/nothing`);
  expect(missing.headers.get("content-type")).toBe("application/problem+json");
  expect(await missing.json()).toMatchObject({ status: 404 });
});
