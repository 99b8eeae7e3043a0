import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ControlLog } from "../control-log.ts";
import { MAX_BODY_BYTES } from "./json-body.ts";
import type { AdminMetrics } from "./metrics.ts";
import { type Problem, problemOf } from "./problem.ts";
import { Refusal } from "./refusal.ts";

/** Answers errors as problems, counts them, and tells the log what an operator should know of them. */
export class ProblemAnswers {
  readonly #log: ControlLog;
  readonly #metrics: AdminMetrics;

  constructor(log: ControlLog, metrics: AdminMetrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** Answers what was thrown on a request's way. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { problem, headers } = problemOf(error);
    this.#metrics.noteRefusal(problem.code);
    // Limited ones are not noted: whoever guesses could fill the disk.
    if (problem.code === "HG_ADMIN_TOKEN") this.#log.warn("admin-token-refused", { address: request.ip });
    if (problem.status === 500)
      this.#log.error("admin-failed", { route: request.routeOptions.url, stack: stackOf(error) });
    reply.headers(headers);
    if (mayBeEndless(request)) return answerEarly(problem, request, reply);
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  }

  /** Answers what is no HTTP, on a connection that no more can be read from. */
  answerRaw(error: NodeJS.ErrnoException, socket: Socket): void {
    if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
    const isTooLarge = error.code === "HPE_HEADER_OVERFLOW";
    const isTooSlow = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
    const status = isTooLarge ? 431 : isTooSlow ? 408 : 400;
    const words = isTooLarge ? "The headers are too large." : isTooSlow ? "The request took too long." : undefined;
    const { problem } = problemOf(new Refusal("HG_ADMIN_REQUEST", words ?? "The request is not HTTP/1.1.", { status }));
    this.#metrics.noteRefusal(problem.code);
    // Who does not close its side would keep the connection for ever.
    socket.end(rawHttp(problem)).setTimeout(LINGER_MS, () => socket.destroy());
  }
}

const PROBLEM_TYPE = "application/problem+json";
/** For the answer to arrive, before the connection goes. */
const LINGER_MS = 1000;
/** Of a body that nobody wants, so much is taken and dropped. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/**
 * Answers at once, and closes the connection when the rest of the body has come or a moment has passed. Closing with bytes
 * unread would reset it, and the reset could overtake the answer; reading on for ever would be a gift to who sends for ever.
 */
function answerEarly(problem: Problem, { raw: request }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { raw: response } = reply;
  const body = JSON.stringify(problem);
  for (const [name, value] of Object.entries(reply.getHeaders())) response.setHeader(name, value ?? []);
  reply.hijack();
  response.setHeader("Connection", "close");
  response
    .writeHead(problem.status, { "Content-Type": PROBLEM_TYPE, "Content-Length": Buffer.byteLength(body) })
    .write(body);
  let unread = 0;
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
  response.on("close", () => clearTimeout(timer));
  request.on("end", () => response.end());
  request.on("data", (chunk: Buffer) => {
    unread += chunk.length;
    if (unread > MAX_UNREAD_BYTES) request.socket.destroy();
  });
  return reply;
}

function rawHttp(problem: Problem): string {
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}

function mayBeEndless({ raw }: FastifyRequest): boolean {
  const { "content-length": length = "0", "transfer-encoding": coding } = raw.headers;
  return !raw.complete && (coding !== undefined || Number(length) > MAX_BODY_BYTES);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
