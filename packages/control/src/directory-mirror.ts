import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Control } from "./control.ts";
import { Directory } from "./directory.ts";
import type { Identity } from "./identity.ts";
import type { RecordState } from "./records.ts";
import type { Suspension } from "./suspension.ts";

/** What a mirror needs of the thread that keeps the records; all of it can be sent to another thread. */
export interface MirrorSource {
  /** Gives changes, a list of {@link RecordState} a message. */
  readonly port: MessagePort;
  /** One number, which grows with every message that has been sent to any mirror. */
  readonly sent: Int32Array;
}

/** Tells mirrors in other threads of what is on record. */
export class MirrorFeed {
  readonly #control: Control;
  readonly #ports = new Set<MessagePort>();
  readonly #stop: () => void;
  readonly sent: Int32Array = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  constructor(control: Control) {
    this.#control = control;
    this.#stop = control.directory.onPut((change) => {
      for (const port of this.#ports) port.postMessage([change]);
      this.#note();
    });
  }

  /** Sends all there is, and from then on every change. Resolves when the former has been sent. Rejects with `HG_STORAGE_…`. */
  async follow(port: MessagePort): Promise<void> {
    // What changes while the rows are read comes after them: it is newer.
    const meanwhile: RecordState[] = [];
    const stop = this.#control.directory.onPut((change) => meanwhile.push(change));
    try {
      for await (const changes of this.#control.everything()) {
        port.postMessage(changes);
        this.#note();
      }
    } finally {
      stop();
    }
    port.postMessage(meanwhile);
    this.#note();
    this.#ports.add(port);
  }

  /** Sends no more to a port. */
  leave(port: MessagePort): void {
    this.#ports.delete(port);
    port.close();
  }

  close(): void {
    this.#stop();
    for (const port of this.#ports) this.leave(port);
  }

  /** After the message: who sees the number finds what was sent. */
  #note(): void {
    Atomics.add(this.sent, 0, 1);
  }
}

/** A directory in another thread. What the records' thread has put into its own holds here from that moment on. */
export class MirroredDirectory {
  readonly #directory = new Directory();
  readonly #source: MirrorSource;
  readonly #clock: () => number;
  #seen = 0;

  /** `clock` gives epoch ms. */
  constructor(source: MirrorSource, clock: () => number) {
    this.#source = source;
    this.#clock = clock;
  }

  /** As {@link Directory.identify}. */
  identify(secret: string, now: number): Identity | undefined {
    this.catchUp();
    return this.#directory.identify(secret, now);
  }

  /** As {@link Directory.suspensionOf}. */
  suspensionOf(callers: Readonly<Record<string, string>>, now: number): Suspension | undefined {
    this.catchUp();
    return this.#directory.suspensionOf(callers, now);
  }

  /** As {@link Directory.toReference}. */
  toReference(identity: Identity): string | undefined {
    return this.#directory.toReference(identity);
  }

  /** Takes over what was sent, and forgets what has ended: for when nobody asks for long. */
  sweep(now: number): void {
    this.catchUp();
    this.#directory.sweep(now);
  }

  /** Takes over what was sent. Costs one look at a number where that is nothing. */
  catchUp(): void {
    const sent = Atomics.load(this.#source.sent, 0);
    if (sent === this.#seen) return;
    const now = this.#clock();
    for (;;) {
      const received = receiveMessageOnPort(this.#source.port);
      if (!received) break;
      for (const { type, id, row } of received.message as RecordState[]) this.#directory.put(type, id, row, now);
    }
    this.#seen = sent;
  }
}
