import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** One thing that happened. */
interface Event {
  readonly id: string;
  readonly type: string;
  readonly actor: { readonly id: string };
}

/**
 * A small API to put a gate in front of: it knows nothing of limits.
 *
 *     GET  /                 what there is
 *     GET  /v1/events        the latest hundred
 *     GET  /v1/events/{id}   one of them
 *     POST /v1/events        {"type": "user.login", "actor": {"id": "user_123"}}
 *     GET  /v1/clock         a line a second, until the caller hangs up
 */
export function createUpstream(): Server {
  const events: Event[] = [];
  let sequence = 0;

  return createServer(async (request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0] as string;
    if (path === "/v1/events" && request.method === "POST") {
      const event = readEvent(await textOf(request), `evt_${++sequence}`);
      if (!event) return answer(response, 400, { error: 'Send {"type": …, "actor": {"id": …}}.' });
      events.unshift(event);
      events.length = Math.min(events.length, 100);
      return answer(response, 201, event);
    }
    if (path === "/v1/events" && request.method === "GET") return answer(response, 200, { data: events });
    if (path.startsWith("/v1/events/") && request.method === "GET") {
      const event = events.find(({ id }) => path === `/v1/events/${id}`);
      return event ? answer(response, 200, event) : answer(response, 404, { error: "No such event." });
    }
    if (path === "/v1/clock" && request.method === "GET") return tick(response);
    if (path === "/") return answer(response, 200, { routes: ["GET /v1/events", "POST /v1/events", "GET /v1/clock"] });
    return answer(response, 404, { error: "There is nothing here. GET / lists what there is." });
  });
}

function readEvent(text: string, id: string): Event | undefined {
  try {
    const { type, actor } = JSON.parse(text) as Partial<Event>;
    return typeof type === "string" && typeof actor?.id === "string"
      ? { id, type, actor: { id: actor.id } }
      : undefined;
  } catch {
    return undefined;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) text += chunk;
  return text;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
}

function tick(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/plain" });
  const timer = setInterval(() => response.write(`${new Date().toISOString()}\n`), 1000);
  response.on("close", () => clearInterval(timer));
}
