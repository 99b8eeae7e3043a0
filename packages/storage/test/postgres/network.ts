import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A way to a server that can be cut: then nothing arrives any more, and nobody is told. */
export interface Network {
  /** The server's URL, by this way. */
  readonly url: string;
  cut(): void;
  mend(): void;
}

/** Lays a way to the server of that URL. */
export async function networkTo(url: string): Promise<Network> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    sockets.add(near.on("error", () => {}));
    if (isCut) return;
    const far = connect({ host: target.hostname, port: Number(target.port), allowHalfOpen: true });
    sockets.add(far.on("error", () => near.destroy()));
    near.pipe(far).pipe(near);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const way = new URL(url);
  way.port = String((server.address() as AddressInfo).port);
  return {
    url: way.href,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    mend() {
      isCut = false;
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
  };
}
