import { connect, createServer, type Server, type Socket } from "node:net";
import { toHandover } from "./handover.ts";

/** Where an acceptor's connections go. */
export interface AcceptorOptions {
  /** The threads that take connections now, each by the port of loopback that it listens on for them. */
  readonly workers: () => readonly { readonly port: number }[];
  /** 32 random bytes that only the threads of this process know. */
  readonly secret: Uint8Array;
  /** How long a client may say nothing more before it goes, once the worker has ended its side. Default 10 000. */
  readonly partingMs?: number;
}

/**
 * Accepts connections for the threads of this process, where a system does not let them share a port (`reusePort`). Node
 * cannot give a thread a socket, so each connection is relayed to the thread with the fewest, over loopback;
 * {@link handedConnections} is the other end. Where no thread takes it, the connection is closed.
 *
 * Closing the server ends no connection; a thread's end does end those it has.
 */
export function createAcceptor({ workers, secret, partingMs = 10_000 }: AcceptorOptions): Server {
  const counts = new Map<number, number>();
  const countOf = (port: number): number => counts.get(port) ?? 0;

  const leastBusy = (besides: ReadonlySet<number>): number | undefined => {
    const ports = workers().map(({ port }) => port);
    const [least] = ports.filter((port) => !besides.has(port)).sort((a, b) => countOf(a) - countOf(b));
    return least;
  };

  const handOver = (client: Socket, failed: ReadonlySet<number>): void => {
    const port = leastBusy(failed);
    if (port === undefined || client.destroyed) {
      client.destroy();
      return;
    }
    counts.set(port, countOf(port) + 1);
    const worker = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const tryAnother = (): void => handOver(client, new Set([...failed, port]));
    worker.once("error", tryAnother);
    worker.once("close", () => counts.set(port, countOf(port) - 1));
    worker.once("connect", () => {
      worker.off("error", tryAnother);
      worker.write(toHandover(secret, { address: client.remoteAddress ?? "", port: client.remotePort ?? 0 }));
      relay(client, worker, partingMs);
      // It may have gone meanwhile, and nobody would have noticed.
      if (client.destroyed) worker.destroy();
    });
  };

  return createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
    client.on("error", () => {});
    handOver(client, new Set());
  });
}

/** Carries bytes and endings both ways. What breaks off on one side is reset on the other. */
function relay(client: Socket, worker: Socket, partingMs: number): void {
  const join = (from: Socket, to: Socket): void => {
    from.pipe(to);
    from.on("error", () => {});
    from.on("close", (hadError) => {
      // Whoever had said all there was to say may have its last words on the way still.
      if (hadError && !from.readableEnded) to.resetAndDestroy();
      else to.destroySoon();
    });
  };
  join(client, worker);
  join(worker, client);
  // A thread that has closed a connection knows nothing more of it: a client that does not go would stay for ever.
  worker.on("end", () => client.setTimeout(partingMs, () => client.destroy()));
}
