import { randomBytes } from "node:crypto";
import { type AddressInfo, createServer } from "node:net";
import { createAcceptor } from "../acceptor.ts";
import { type ListenOptions, listening } from "../listening.ts";
import type { GateThread } from "./gate-thread.ts";

/** How threads get their connections. */
export interface Entrance {
  readonly address: AddressInfo;
  /** Has a new thread take its share. Rejects with the system's error, or when the thread ends. */
  admit(thread: GateThread): Promise<void>;
  /** Accepts no more. */
  close(): void;
}

/**
 * Opens the one port of several threads: they share it where the system lets them, else this thread accepts for them.
 * Rejects with the system's error where the port cannot be had.
 */
export async function openEntrance(where: ListenOptions, sharesPort: boolean): Promise<Entrance> {
  return sharesPort ? sharedPort(where) : acceptorPort(where);
}

/** Whether several threads can listen on one port. */
export async function canSharePorts(): Promise<boolean> {
  const probe = createServer();
  const isPossible = await listening(probe, { port: 0, host: "127.0.0.1", reusePort: true }).then(
    () => true,
    () => false,
  );
  probe.close();
  return isPossible;
}

/**
 * First makes certain that nobody listens there: threads would share the port with another process of the same user
 * without a word.
 */
async function sharedPort({ port, host }: ListenOptions): Promise<Entrance> {
  const probe = createServer();
  const address = await listening(probe, { port, host });
  await new Promise((resolve) => probe.close(resolve));
  return {
    address,
    async admit(thread) {
      await thread.listen({ port: address.port, host, reusePort: true });
    },
    close() {},
  };
}

async function acceptorPort(where: ListenOptions): Promise<Entrance> {
  const secret = randomBytes(32);
  const workers = new Set<{ readonly port: number }>();
  const acceptor = createAcceptor({ workers: () => [...workers], secret });
  return {
    address: await listening(acceptor, where),
    async admit(thread) {
      const worker = { port: await thread.listenForAcceptor(secret) };
      workers.add(worker);
      void thread.ended.then(() => workers.delete(worker));
    },
    close: () => acceptor.close(),
  };
}
