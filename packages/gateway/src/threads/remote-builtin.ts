import type { Identity } from "@headgate/control";
import type { BuiltinAnswer, BuiltinApi } from "../builtin-api.ts";
import { type CallPort, exactly } from "./call-port.ts";
import type { DeskCalls, GateCalls, SentAnswer, SentStream } from "./gate-calls.ts";

/** In place of an answer; see {@link BuiltinApi.answer}. */
const UNAUTHENTICATED: unique symbol = Symbol("unauthenticated");

/** A built-in API that answers in the main thread. `toReference` names callers, as directories do. */
export function remoteBuiltin(
  desk: CallPort<DeskCalls, GateCalls>,
  maxBodyBytes: number,
  toReference: (identity: Identity) => string | undefined,
): BuiltinApi {
  return {
    maxBodyBytes,
    async answer({ identity, body, ...request }) {
      const caller = identity && toReference(identity);
      const sent = { ...request, caller, body: body.length > 0 ? exactly(body) : undefined };
      return toAnswer(desk, await desk.call("answer", sent));
    },
    // The main thread ends it for all.
    drain() {},
  };
}

function toAnswer(desk: CallPort<DeskCalls, GateCalls>, sent: SentAnswer): BuiltinAnswer | typeof UNAUTHENTICATED {
  if (sent === "unauthenticated") return UNAUTHENTICATED;
  const { body } = sent;
  if (typeof body === "string") return { ...sent, body };
  if (body instanceof Uint8Array) return { ...sent, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
  return { ...sent, body: partsOf(desk, body) };
}

/** Its parts, each asked for when it is wanted, so that a slow client holds up the source. */
function partsOf(desk: CallPort<DeskCalls, GateCalls>, stream: SentStream): AsyncIterable<string | Uint8Array> {
  const parts: AsyncIterator<string | Uint8Array> = {
    async next() {
      const value = await desk.call("nextPart", stream);
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    async return() {
      desk.tell("dropStream", stream);
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => parts };
}
