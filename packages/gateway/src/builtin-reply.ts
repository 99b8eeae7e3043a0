import { once } from "node:events";
import type { BuiltinAnswer, BuiltinApi } from "./builtin-api.ts";
import type { UpstreamHeaders } from "./client-headers.ts";
import { isFresh, MAX_TAGGED_BYTES, notModifiedHeaders, tagOf } from "./conditional.ts";
import type { Exchange } from "./exchange.ts";
import { pushPairs } from "./flat-headers.ts";
import { refuseUnauthenticated } from "./local-answer.ts";
import { watchTaking } from "./response-end.ts";
import { readSmallBody } from "./small-body.ts";

/** Has an admitted request answered within this process, with the body that was read already or is still to come. */
export function answerByBuiltin(exchange: Exchange, api: BuiltinApi, bodyRead: Buffer | undefined): void {
  readSmallBody(exchange, bodyRead, api.maxBodyBytes, (body) => {
    const { request, target, caller } = exchange;
    exchange.continue();
    const answer = api.answer({
      method: request.method as string,
      path: target.path,
      query: target.query,
      headers: request.headers,
      body,
      identity: caller?.identity,
    });
    exchange.when(
      answer,
      (known) => {
        if (typeof known === "symbol") refuseUnauthenticated(exchange);
        else reply(exchange, tagged(exchange, known));
      },
      (known) => leaveUnsaid(exchange, known),
    );
  });
}

/** What nobody waits for any more: it costs what it says all the same, for who leaves early must not go free. */
function leaveUnsaid(exchange: Exchange, answer: BuiltinAnswer | symbol): void {
  letGo(answer);
  if (typeof answer === "symbol") return;
  exchange.when(exchange.settle(answer.status, byName(answer.headers)), () => {});
}

function reply(exchange: Exchange, answer: BuiltinAnswer): void {
  const { status, headers, body } = answer;
  const settlesByAnswer = exchange.site.engine.settlesByAnswer;
  const send = (): void => {
    const all = [...headers];
    const bytes = typeof body === "string" || Buffer.isBuffer(body) ? Buffer.byteLength(body) : undefined;
    // RFC 9110, section 8.6: neither of these has a body, nor says how long it is.
    if (bytes !== undefined && status !== 204 && status !== 304) all.push("Content-Length", String(bytes));
    pushPairs(all, exchange.rateLimitHeaders());
    exchange.writeHead(status, all);
    if (typeof body === "string") exchange.finish(body, bytes === body.length ? "latin1" : "utf8");
    else if (Buffer.isBuffer(body)) exchange.finish(body);
    else pump(exchange, body).catch((error: unknown) => exchange.crash(error));
  };
  const settled = settlesByAnswer ? exchange.settle(status, byName(headers)) : undefined;
  if (settled) exchange.when(settled, send, () => letGo(answer));
  else send();
}

/** With an ETag, where the policy wants one and there is none; a 304 in its place, where the client has that already. */
function tagged(exchange: Exchange, answer: BuiltinAnswer): BuiltinAnswer {
  const { status, headers, body } = answer;
  const { request, site } = exchange;
  const isTaggable = status === 200 && request.method === "GET" && site.policy.isConditional;
  if (!isTaggable || !(typeof body === "string" || Buffer.isBuffer(body)) || body.length > MAX_TAGGED_BYTES)
    return answer;
  const named = byName(headers);
  if (named.etag !== undefined) return answer;
  const tag = tagOf(Buffer.from(body));
  if (!isFresh(request.headers, tag, named)) return { ...answer, headers: [...headers, "ETag", tag] };
  const left = Object.entries(notModifiedHeaders(named)).flatMap(([name, value]) => [name, String(value)]);
  return { status: 304, headers: [...left, "ETag", tag], body: "" };
}

/** Sends a body's parts as they come, at the pace the client takes them, until either has enough. */
async function pump(exchange: Exchange, body: AsyncIterable<string | Uint8Array>): Promise<void> {
  const { request, response, site } = exchange;
  const parts = body[Symbol.asyncIterator]();
  const gone = new AbortController();
  exchange.relay = {
    abandon() {
      gone.abort();
      close(parts);
    },
  };
  if (request.method === "HEAD") {
    close(parts);
    exchange.finish();
    return;
  }
  // The first part of a stream may be long in coming: its head is sent now.
  response.flushHeaders();
  while (!exchange.isOver) {
    const { done, value } = await parts.next();
    if (exchange.isOver) return;
    if (done) break;
    if (response.write(value)) continue;
    watchTaking(response, site.surroundings.limits.bodyIdleTimeoutMs);
    await once(response, "drain", { signal: gone.signal }).catch(() => {});
  }
  if (!exchange.isOver) exchange.finish();
}

/** Has no more parts of an answer made that nobody waits for. */
function letGo(answer: BuiltinAnswer | symbol): void {
  if (typeof answer === "symbol" || typeof answer.body === "string" || Buffer.isBuffer(answer.body)) return;
  close(answer.body[Symbol.asyncIterator]());
}

function close(parts: AsyncIterator<unknown>): void {
  // Whatever the source has to say of its end, there is nobody to tell.
  parts.return?.().catch(() => {});
}

function byName(headers: readonly string[]): UpstreamHeaders {
  const named: Record<string, string> = {};
  for (let i = 0; i < headers.length; i += 2) named[String(headers[i]).toLowerCase()] = String(headers[i + 1]);
  return named;
}
