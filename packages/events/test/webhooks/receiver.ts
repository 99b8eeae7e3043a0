import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A server that webhooks are sent to. */
export interface Receiver {
  /** `http://127.0.0.1:…/` */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly ReceivedRequest[];
  /** Connections that were made to it so far. */
  readonly connections: readonly Socket[];
}

interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Starts a receiver that answers so, by default with 204; closed when the test ends. */
export async function openReceiver(
  answer: RequestListener = (_request, response) => response.writeHead(204).end(),
): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (request, response) => {
    const { method = "", url: path = "", headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
    answer(request, response);
  });
  const { connections, port } = await listen(server);
  return { url: `http://127.0.0.1:${port}/`, port, requests, connections };
}

/** Has a server listen on a free port of the loopback until the test ends. */
export async function listen(
  server: Server,
): Promise<{ readonly port: number; readonly connections: readonly Socket[] }> {
  const connections: Socket[] = [];
  server.on("connection", (socket: Socket) => connections.push(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of connections) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, connections };
}
