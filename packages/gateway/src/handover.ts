import { timingSafeEqual } from "node:crypto";

/** Who a connection comes from. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

// What goes before a connection's own bytes: the secret, the port (u16), the length of the address (u8), the address.
const SECRET_BYTES = 32;
const HEAD_BYTES = SECRET_BYTES + 3;

/** What the acceptor says to a thread before it relays a connection. `secret` is 32 bytes that only the two know. */
export function toHandover(secret: Uint8Array, { address, port }: Peer): Buffer {
  const handover = Buffer.alloc(HEAD_BYTES + address.length);
  handover.set(secret);
  handover.writeUInt16BE(port, SECRET_BYTES);
  handover.writeUInt8(address.length, SECRET_BYTES + 2);
  handover.write(address, HEAD_BYTES, "latin1");
  return handover;
}

/**
 * Reads a handover off the beginning of a connection. `incomplete` until all of it is there; `foreign` when these bytes
 * are not from the acceptor.
 */
export function readHandover(
  bytes: Buffer,
  secret: Uint8Array,
): "incomplete" | "foreign" | { peer: Peer; length: number } {
  if (bytes.length < SECRET_BYTES) return "incomplete";
  if (!timingSafeEqual(bytes.subarray(0, SECRET_BYTES), secret)) return "foreign";
  if (bytes.length < HEAD_BYTES) return "incomplete";
  const length = HEAD_BYTES + bytes.readUInt8(SECRET_BYTES + 2);
  if (bytes.length < length) return "incomplete";
  const address = bytes.toString("latin1", HEAD_BYTES, length);
  return { peer: { address, port: bytes.readUInt16BE(SECRET_BYTES) }, length };
}
