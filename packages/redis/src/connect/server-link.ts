import type { Link } from "../link.ts";
import type { Script } from "../script.ts";
import { runScript } from "./run-script.ts";
import type { Server } from "./server.ts";

/** A Redis that is one server, or one at a time. */
export class ServerLink implements Link {
  readonly hasSlots = false;
  /** How many commands have been sent. */
  commands = 0;
  readonly #server: Server;
  readonly #where: string;
  readonly #onClose: () => void;

  /** `where` is for messages. */
  constructor(server: Server, where: string, onClose: () => void = () => {}) {
    this.#server = server;
    this.#where = where;
    this.#onClose = onClose;
  }

  slotOf(): number {
    return 0;
  }

  run(script: Script, keys: readonly string[], argument: Buffer): Promise<Buffer> {
    const send = (args: readonly (string | Buffer)[]): Promise<unknown> => {
      this.commands += 1;
      return this.#server.send(args);
    };
    return runScript(send, this.#where, script, keys, argument);
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#onClose();
  }
}
