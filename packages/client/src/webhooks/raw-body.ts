import { joinedBytes } from "../joined-bytes.ts";
import { WebhookError } from "./webhook-error.ts";

/** A body as it comes: text; bytes, of which Node's Buffer is a kind; or a stream of them, such as Node's own request. */
export type RawBody = string | Uint8Array | ArrayBuffer | AsyncIterable<Uint8Array | string>;

/** What has a body; a Request without one has null. */
export interface WithRawBody {
  readonly body: RawBody | null;
  readonly bodyUsed?: boolean;
}

/** The bytes of a body, one for one as they came. Throws where there are more than `maxBytes`, or where they are lost. */
export async function rawBytes({ body, bodyUsed }: WithRawBody, maxBytes: number): Promise<Uint8Array> {
  if (bodyUsed) throw lost("the request's body has been read already: verify it before, or verify a clone");
  const whole = body === null ? "" : body;
  const bytes = isStream(whole) ? await collected(whole, maxBytes) : toBytes(whole);
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  return bytes;
}

function isStream(body: RawBody): body is AsyncIterable<Uint8Array | string> {
  return typeof body === "object" && Symbol.asyncIterator in body;
}

async function collected(stream: AsyncIterable<Uint8Array | string>, maxBytes: number): Promise<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
    const chunk = toBytes(step.value);
    chunks.push(chunk);
    length += chunk.length;
    // The stream is left as it is: ended here, Node's request would take the connection with it, and the answer.
    if (length > maxBytes) throw tooLarge(maxBytes);
  }
  return joinedBytes(chunks);
}

function toBytes(body: string | Uint8Array | ArrayBuffer): Uint8Array {
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (body instanceof Uint8Array) return body;
  throw lost("the body is not as it came: give its bytes or its text, before anything parses it");
}

function lost(message: string): WebhookError {
  return new WebhookError("HG_WEBHOOK_BODY", message, 500);
}

function tooLarge(maxBytes: number): WebhookError {
  return new WebhookError("HG_WEBHOOK_TOO_LARGE", `the body is larger than ${maxBytes} bytes`, 413);
}
