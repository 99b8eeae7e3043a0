import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { GatheredBody } from "./gathered-body.ts";

/** Why a body was not taken to its end. `no-room`: too much is held of other bodies. */
export type BodyFault = "too-large" | "too-slow" | "no-room";

/**
 * A request's body on its way upstream: passed on as it comes, at the pace the upstream takes it. It is a stream of its
 * own, so that a failing upstream destroys this one and leaves the client's connection to be answered on.
 *
 * Calls `onFault` once, instead of passing on the chunk that crosses `maxBytes`, or when the client, though awaited,
 * sends nothing for `idleTimeoutMs`.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage;
  readonly #maxBytes: number;
  readonly #onFault: (fault: BodyFault) => void;
  readonly #idle: NodeJS.Timeout;
  #bytes = 0;
  #isAwaited = false;

  constructor(
    request: IncomingMessage,
    limits: { readonly maxBytes: number; readonly idleTimeoutMs: number },
    onFault: (fault: BodyFault) => void,
  ) {
    super();
    // Whoever destroys it knows why; a stream's error that nobody listens to would end the process.
    this.on("error", () => {});
    this.#request = request;
    this.#maxBytes = limits.maxBytes;
    this.#onFault = onFault;
    this.#idle = setTimeout(this.#onIdle, limits.idleTimeoutMs);
    request.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onClose);
    request.pause();
  }

  override _read(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    this.#idle.refresh();
    this.#request.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.#idle);
    this.#request.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onClose);
    callback(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) {
      this.#fail("too-large");
      return;
    }
    this.#idle.refresh();
    if (this.push(chunk)) return;
    this.#isAwaited = false;
    this.#request.pause();
  };

  readonly #onEnd = (): void => {
    clearTimeout(this.#idle);
    this.push(null);
  };

  readonly #onClose = (): void => {
    if (!this.#request.complete) this.destroy();
  };

  readonly #onIdle = (): void => {
    // Where the upstream is the slow one, its own timeouts watch it.
    if (this.#isAwaited) this.#fail("too-slow");
  };

  /** Takes no more of it. */
  #fail(fault: BodyFault): void {
    this.destroy();
    this.#onFault(fault);
  }
}

/**
 * Reads a whole body, for who must know it before going on. Asks `hold` for every part whether there is room to hold it.
 * Tells `onDone` the body, or why there is none; never, when the client goes away.
 */
export function readBody(
  request: IncomingMessage,
  limits: { readonly maxBytes: number; readonly idleTimeoutMs: number; readonly timeoutMs: number },
  hold: (bytes: number) => boolean,
  onDone: (body: Buffer | BodyFault) => void,
): void {
  const body = new GatheredBody();
  const tooSlow = (): void => finish("too-slow");
  const idle = setTimeout(tooSlow, limits.idleTimeoutMs);
  // Else a byte now and then would hold the rest for as long as anybody likes.
  const whole = setTimeout(tooSlow, limits.timeoutMs);
  const onData = (chunk: Buffer): void => {
    idle.refresh();
    if (body.bytes + chunk.length > limits.maxBytes) finish("too-large");
    else if (hold(chunk.length)) body.push(chunk);
    else finish("no-room");
  };
  const onEnd = (): void => finish(body.whole());
  const stop = (): void => {
    clearTimeout(idle);
    clearTimeout(whole);
    request.off("data", onData).off("end", onEnd).off("close", stop);
  };
  function finish(result: Buffer | BodyFault): void {
    stop();
    onDone(result);
  }
  request.on("data", onData).on("end", onEnd).on("close", stop);
}

/** Whether a request has a body to come (RFC 9112, section 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}
