import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** What the admin port asks of the gateway. */
export interface AdminOptions {
  /** Whether requests are wanted: not before the gateway listens, and not when it drains. */
  isReady(): boolean;
}

/**
 * The server of the admin port: `GET /healthz` says that the process runs, `GET /readyz` whether it wants requests.
 * Nothing here is for callers of the API: bind it to loopback.
 */
export function createAdminServer({ isReady }: AdminOptions): Server {
  return createServer((request, response) => {
    const path = request.url?.split("?", 1)[0];
    if (path !== "/healthz" && path !== "/readyz") return problem(response, 404, "Not Found");
    if (!isRead(request)) return problem(response, 405, "Method Not Allowed", { Allow: "GET, HEAD" });
    if (path === "/healthz") return status(response, 200, "ok");
    return isReady() ? status(response, 200, "ready") : status(response, 503, "draining");
  });
}

function isRead({ method }: IncomingMessage): boolean {
  return method === "GET" || method === "HEAD";
}

function status(response: ServerResponse, code: number, text: string): void {
  const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  response.writeHead(code, headers).end(JSON.stringify({ status: text }));
}

function problem(response: ServerResponse, code: number, title: string, headers: Record<string, string> = {}): void {
  response
    .writeHead(code, { "Content-Type": "application/problem+json", ...headers })
    .end(JSON.stringify({ type: "about:blank", title, status: code }));
}
