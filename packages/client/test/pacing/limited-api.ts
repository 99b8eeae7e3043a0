import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A real server that lets ten calls a second through, by windows that begin with a call. */
export interface LimitedApi {
  readonly url: string;
  /** What came of the calls so far. */
  readonly counts: { admitted: number; refused: number };
}

const QUOTA = 10;
const WINDOW_MS = 1_000;

/** Starts it on a free port until the test ends. `page` is shown at `/page` and does not count. */
export async function startLimitedApi(page = ""): Promise<LimitedApi> {
  const counts = { admitted: 0, refused: 0 };
  let endsAt = 0;
  let used = 0;
  const server = createServer((request, response) => {
    if (request.url === "/page") return response.setHeader("Content-Type", "text/html").end(page);
    const now = performance.now();
    if (now >= endsAt) [endsAt, used] = [now + WINDOW_MS, 0];
    const isRefused = used >= QUOTA;
    if (!isRefused) used++;
    counts[isRefused ? "refused" : "admitted"]++;
    response.setHeader("X-RateLimit-Limit", QUOTA);
    response.setHeader("X-RateLimit-Remaining", QUOTA - used);
    response.setHeader("X-RateLimit-Reset", Math.ceil(Date.now() + endsAt - now));
    if (isRefused) response.setHeader("Retry-After", 1);
    return response.writeHead(isRefused ? 429 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, counts };
}
