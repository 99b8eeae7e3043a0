// The least that node:http and undici can do: no limits, no checks, no header rules. What a gate costs is measured
// against this.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Dispatcher, Pool } from "undici";

const [port, upstream] = process.argv.slice(2) as [string, string];
const pool = new Pool(upstream, { connections: 128 });

class Passing implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Record<string, string | string[]>): void {
    this.#response.writeHead(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#response.write(chunk)) return;
    controller.pause();
    this.#response.once("drain", () => controller.resume());
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(): void {
    this.#response.destroy();
  }
}

function pass(request: IncomingMessage, response: ServerResponse): void {
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  pool.dispatch(
    {
      path: request.url as string,
      method: request.method as Dispatcher.HttpMethod,
      headers: request.headers,
      body: hasBody ? request : null,
    },
    new Passing(response),
  );
}

createServer(pass).listen(Number(port), "127.0.0.1");
