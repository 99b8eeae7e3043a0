import type { Server as HttpServer } from "node:http";
import { createServer, type Server, Socket } from "node:net";
import { type Peer, readHandover } from "./handover.ts";

/** How long a connection may take to say where it comes from, unless told otherwise. The acceptor says so at once. */
const HANDOVER_MS = 5_000;

/**
 * A server that takes connections from {@link createAcceptor}, and gives them to `server` as if clients had connected to
 * it: with their addresses, and no byte but their own. Whoever else connects is cut off. Listen on a port of loopback.
 *
 * Close both: this one closes when its connections have, while `server` ends those that are idle.
 */
export function handedConnections(server: HttpServer, secret: Uint8Array, handoverMs: number = HANDOVER_MS): Server {
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    let bytes: Buffer = Buffer.alloc(0);
    const drop = (): void => void socket.destroy();
    socket.setTimeout(handoverMs);
    socket.on("error", drop).on("timeout", drop).on("end", drop);
    socket.on("data", function read(chunk: Buffer) {
      bytes = Buffer.concat([bytes, chunk]);
      const handover = readHandover(bytes, secret);
      if (handover === "incomplete") return;
      if (handover === "foreign") return drop();
      socket.setTimeout(0);
      socket.pause();
      socket.off("error", drop).off("timeout", drop).off("end", drop).off("data", read);
      disguise(socket, handover.peer, handover.length);
      if (bytes.length > handover.length) socket.unshift(bytes.subarray(handover.length));
      server.emit("connection", socket);
      socket.resume();
    });
  });
  if (server.maxConnections !== undefined) listener.maxConnections = server.maxConnections;
  // From here on node:http watches its connections for those that are slow or idle.
  listener.on("listening", () => server.emit("listening"));
  return listener;
}

/** Makes a socket tell of the client, not of the acceptor: its address, and how much it has said. */
function disguise(socket: Socket, { address, port }: Peer, handoverBytes: number): void {
  Object.defineProperties(socket, {
    remoteAddress: { value: address },
    remotePort: { value: port },
    remoteFamily: { value: address.includes(":") ? "IPv6" : "IPv4" },
    bytesRead: { get: () => Reflect.get(Socket.prototype, "bytesRead", socket) - handoverBytes },
  });
}
