import { parseRetryAfter } from "@headgate/core";
import { Agent, type Dispatcher, request } from "undici";
import { type AddressGuard, ForbiddenHost, hostOf } from "./address-guard.ts";
import { attemptFault } from "./attempt-fault.ts";

/** What became of one try to deliver a message. */
export interface AttemptResult {
  /** Whether the receiver has taken it: a status of 200 to 299. */
  readonly ok: boolean;
  /** Undefined where no answer came. */
  readonly status: number | undefined;
  /** Why it failed, in words for the webhook's owner that go after the receiver; undefined where it did not. */
  readonly error: string | undefined;
  /** How the answer's body began, at most 1 KiB; undefined where no answer came. */
  readonly response: string | undefined;
  /** How long the receiver asks to be left alone. */
  readonly retryAfterMs: number | undefined;
  /** Whether the receiver wants no more messages, ever: 410. */
  readonly isGone: boolean;
  readonly durationMs: number;
}

/** A message on its way to one receiver. */
export interface OutgoingMessage {
  readonly url: string;
  /** With lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SenderOptions {
  readonly guard: AddressGuard;
  /** Epoch ms. */
  readonly clock: () => number;
  /** For all of an attempt, from looking up the name to the end of the answer. Default 15 s. */
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 15_000;
const PROBE_TIMEOUT_MS = 3_000;
const MOST_RESPONSE_BYTES = 1024;
/** Connections that nobody uses are let go after this, whatever the receiver would allow. */
const KEEP_ALIVE_MS = 10_000;
const USER_AGENT = "Headgate-Webhooks/1";

type Response = Dispatcher.ResponseData;

/** Sends messages to where their receivers want them, and nowhere that the guard does not allow. Follows no redirects. */
export class Sender {
  readonly #guard: AddressGuard;
  readonly #clock: () => number;
  readonly #timeoutMs: number;
  readonly #agent: Agent;

  constructor({ guard, clock, timeoutMs = TIMEOUT_MS }: SenderOptions) {
    this.#guard = guard;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({
      connect: { lookup: guard.lookup, timeout: timeoutMs },
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      // Each request has a signal that is over all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Tries to deliver once. Never rejects: whatever goes wrong is a failed attempt. */
  async send(message: OutgoingMessage): Promise<AttemptResult> {
    const startedAt = this.#clock();
    const outcome = await this.#post(message);
    return { ...outcome, durationMs: Math.max(0, this.#clock() - startedAt) };
  }

  /**
   * Where a URL redirects to, as it answers to HEAD; undefined where it does not, or does not answer within 3 s. Rejects
   * with {@link ForbiddenHost}.
   */
  async redirectOf(url: string): Promise<string | undefined> {
    const signal = AbortSignal.timeout(Math.min(this.#timeoutMs, PROBE_TIMEOUT_MS));
    try {
      const { statusCode, headers, body } = await this.#exchange(url, { method: "HEAD", signal });
      await beginningOf(body);
      const location = firstOf(headers.location);
      return isRedirect(statusCode) && location !== undefined
        ? (URL.parse(location, url)?.href ?? location)
        : undefined;
    } catch (error) {
      if (error instanceof ForbiddenHost) throw error;
      return undefined;
    }
  }

  /** Ends all connections, also those in use. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #post({ url, headers, body }: OutgoingMessage): Promise<Omit<AttemptResult, "durationMs">> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      const allHeaders = { "content-type": "application/json", ...headers };
      const answer = await this.#exchange(url, { method: "POST", headers: allHeaders, body, signal });
      return { ...this.#judge(answer), response: await beginningOf(answer.body) };
    } catch (error) {
      const reason = signal.aborted ? `did not answer within ${this.#timeoutMs / 1_000} s` : attemptFault(error);
      return {
        ok: false,
        status: undefined,
        error: reason,
        response: undefined,
        retryAfterMs: undefined,
        isGone: false,
      };
    }
  }

  #exchange(
    url: string,
    { headers, ...options }: Omit<Dispatcher.RequestOptions, "path" | "origin"> & { headers?: Record<string, string> },
  ): Promise<Response> {
    const target = new URL(url);
    this.#guard.check(hostOf(target));
    return request(target, {
      ...options,
      dispatcher: this.#agent,
      headers: { "user-agent": USER_AGENT, ...headers },
      highWaterMark: MOST_RESPONSE_BYTES,
    });
  }

  #judge({ statusCode: status, headers }: Response): Omit<AttemptResult, "durationMs" | "response"> {
    const ok = status >= 200 && status < 300;
    const followed = isRedirect(status) ? ", a redirect, which is not followed" : "";
    const retryAfter = firstOf(headers["retry-after"]);
    return {
      ok,
      status,
      error: ok ? undefined : `answered ${status}${followed}`,
      retryAfterMs: retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, this.#clock()),
      isGone: status === 410,
    };
  }
}

/**
 * At most so much of an answer's body; the connection is ended where there is more. The status has said what matters, so
 * a body that breaks off, or comes too slowly, is as good as one that ends.
 */
async function beginningOf(body: Response["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MOST_RESPONSE_BYTES) break;
    }
  } catch {}
  const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, MOST_RESPONSE_BYTES), { stream: true });
  // No database keeps NUL in a text.
  return text.replaceAll("\0", "\u{fffd}");
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
