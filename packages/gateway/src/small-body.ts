import type { Exchange } from "./exchange.ts";
import { answerSettled, refuseBody } from "./local-answer.ts";
import { type BodyFault, hasBody, readBody } from "./request-body.ts";

/**
 * The body of an admitted request that the gateway answers itself: the one that was read already, or what still comes.
 * Answers instead where it is larger than `maxBytes`, or than a cap of the policy, or does not come.
 */
export function readSmallBody(
  exchange: Exchange,
  bodyRead: Buffer | undefined,
  maxBytes: number,
  next: (body: Buffer) => void,
): void {
  const { request, match, site } = exchange;
  const most = Math.min(maxBytes, match?.bodyCap?.maxBytes ?? Number.POSITIVE_INFINITY);
  const { "content-length": length } = request.headers;
  if ((bodyRead?.length ?? Number(length ?? 0)) > most) {
    giveUp(exchange, "too-large", maxBytes);
  } else if (bodyRead || !hasBody(request)) {
    next(bodyRead ?? Buffer.alloc(0));
  } else {
    exchange.continue();
    const { bodyIdleTimeoutMs, bufferedBodyTimeoutMs } = site.surroundings.limits;
    const limits = { maxBytes: most, idleTimeoutMs: bodyIdleTimeoutMs, timeoutMs: bufferedBodyTimeoutMs };
    readBody(
      request,
      limits,
      (bytes) => exchange.hold(bytes),
      (body) => {
        if (exchange.isOver) return;
        exchange.attempt(() => (typeof body === "string" ? giveUp(exchange, body, maxBytes) : next(body)));
      },
    );
  }
}

function giveUp(exchange: Exchange, fault: BodyFault, maxBytes: number): void {
  const cap = exchange.match?.bodyCap;
  if (fault === "too-slow") answerSettled(exchange, "HG_REQUEST_TIMEOUT");
  else if (fault === "no-room") answerSettled(exchange, "HG_GATEWAY_BUSY");
  else if (cap && cap.maxBytes <= maxBytes) refuseBody(exchange, cap);
  else answerSettled(exchange, "HG_REQUEST_TOO_LARGE");
}
