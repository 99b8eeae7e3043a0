import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A bare TCP connection, to say what no HTTP client would. */
export class RawConnection {
  readonly socket: Socket;
  #text = "";
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (chunk) => {
      this.#text += chunk.toString("latin1");
      this.#wake?.();
    });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.#isClosed = true;
      this.#wake?.();
    });
    onTestFinished(() => {
      this.socket.destroy();
    });
  }

  send(text: string): this {
    this.socket.write(text, "latin1");
    return this;
  }

  /** Everything received, once it holds what is waited for. Rejects when the connection closes before that. */
  async until(isEnough: RegExp): Promise<string> {
    while (!isEnough.test(this.#text)) {
      if (this.#isClosed) throw new Error(`closed after ${JSON.stringify(this.#text)}`);
      await this.#more();
    }
    return this.#text;
  }

  /** Everything received, once the other end has closed. */
  async untilClosed(): Promise<string> {
    while (!this.#isClosed) await this.#more();
    return this.#text;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Sends bytes on a connection of their own and returns all that comes back until it is closed. */
export function exchangeRaw(port: number, text: string): Promise<string> {
  return new RawConnection(port).send(text).untilClosed();
}

/** The status of a raw response. */
export function statusOf(response: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(response)?.[1]);
}

/** The JSON body of a raw response. */
export function bodyOf(response: string): unknown {
  return JSON.parse(response.slice(response.indexOf("\r\n\r\n") + 4));
}
