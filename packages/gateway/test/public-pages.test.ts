import type { PagesOf } from "@headgate/gateway";
import { expect, test } from "vitest";
import { RawConnection } from "./raw-connection.ts";
import { oneLimit, type Rig, startRig } from "./rig.ts";

/** One page at `/docs/`, for policies of this title. */
const pagesOf: PagesOf = ({ title }) => {
  const page = { type: "text/plain", body: Buffer.from(`pages of ${title}`), tag: `"${title}"` };
  return { at: (path) => (path === "/docs" ? { movedTo: "/docs/" } : path === "/docs/" ? page : undefined) };
};

function startWithPages(): Promise<Rig> {
  return startRig({ policy: `title: One\n${oneLimit(1)}`, pagesOf });
}

test("a page is answered to anybody, whatever is left of any limit, and never reaches the upstream", async () => {
  const { url, upstream } = await startWithPages();
  for (let i = 0; i < 3; i++) {
    const response = await fetch(`${url}/docs/`);
    expect({ status: response.status, text: await response.text() }).toEqual({ status: 200, text: "pages of One" });
    expect(response.headers.get("x-ratelimit-limit")).toBeNull();
  }
  expect(upstream.seen).toEqual([]);
  expect((await fetch(`${url}/elsewhere`)).status).toBe(200);
});

test("a page that has moved is said to have", async () => {
  const { url } = await startWithPages();
  const response = await fetch(`${url}/docs`, { redirect: "manual" });
  expect([response.status, response.headers.get("location")]).toEqual([308, "/docs/"]);
});

test("other policies have other pages", async () => {
  const { gateway, url, policy } = await startWithPages();
  gateway.reload(policy(`title: Two\n${oneLimit(1)}`));
  expect(await (await fetch(`${url}/docs/`)).text()).toBe("pages of Two");
});

test("a client whose tag still holds gets 304, and HEAD gets no body", async () => {
  const { url } = await startWithPages();
  const same = await fetch(`${url}/docs/`, { headers: { "if-none-match": 'W/"Zero", "One"' } });
  expect([same.status, await same.text()]).toEqual([304, ""]);
  const head = await fetch(`${url}/docs/`, { method: "HEAD" });
  expect([head.headers.get("content-length"), await head.text()]).toEqual(["12", ""]);
});

test("a path that is no page in its normal form is none, and one that is refused is refused", async () => {
  const { port } = await startWithPages();
  const normalised = new RawConnection(port).send("GET /x/../docs/ HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(await normalised.until(/pages of One/)).toMatch(/^HTTP\/1\.1 200 /);
  const refused = new RawConnection(port).send("GET /docs%2f HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(await refused.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 400 /);
});

test("a request with a body does not keep the connection from the next", async () => {
  const { port } = await startWithPages();
  const connection = new RawConnection(port);
  connection.send("GET /docs/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  await connection.until(/pages of One/);
  connection.send("GET /docs/ HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(await connection.until(/pages of One[\s\S]+pages of One/)).toMatch(/200 OK/);
});

test("a page is no place to switch protocols at", async () => {
  const { port, upstream } = await startWithPages();
  const upgrade = "GET /docs/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  await new RawConnection(port).send(upgrade).until(/HTTP\/1\.1/);
  expect(upstream.seen.map(({ url }) => url)).toEqual(["/docs/"]);
});
