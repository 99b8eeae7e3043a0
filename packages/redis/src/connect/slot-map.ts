import type { Address } from "./address.ts";
import { SLOTS } from "./slot.ts";

/** Of each slot, where its keys are; undefined where no server has it. */
export type SlotMap = (Address | undefined)[];

/** From slot, to slot, the master, its replicas; a server is its host, its port, and more. */
type SlotRange = [number, number, [Buffer | null, number, ...unknown[]], ...unknown[]];

/** Reads the answer to `CLUSTER SLOTS`. `asked` is who gave it, and stands for hosts that it leaves out. */
export function readSlotMap(answer: unknown, asked: Address): SlotMap {
  const map: SlotMap = new Array(SLOTS).fill(undefined);
  for (const [from, to, [host, port]] of answer as SlotRange[]) {
    map.fill(addressOf(host?.toString() ?? "", port, asked), from, to + 1);
  }
  return map;
}

/** Another server's word on where to ask for a key. */
export interface Redirection {
  readonly address: Address;
  /** Whether the slot is there for good; otherwise only this key is, while the slot moves. */
  readonly isMoved: boolean;
}

/** Reads `MOVED 3999 127.0.0.1:6381`, or `ASK …`; undefined if it is neither. */
export function readRedirection(message: string, asked: Address): Redirection | undefined {
  const [, word, host = "", port] = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(message) ?? [];
  return word === undefined ? undefined : { address: addressOf(host, Number(port), asked), isMoved: word === "MOVED" };
}

/** Servers that do not know their own host leave it out: it is then the one that was asked. */
function addressOf(host: string, port: number, asked: Address): Address {
  return { host: host === "" || host === "?" ? asked.host : host, port };
}
