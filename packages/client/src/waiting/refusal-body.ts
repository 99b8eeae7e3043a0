import type { Clock } from "../clock.ts";

/** No refusal needs more to say what it has to. */
const MOST_BYTES = 64 * 1024;
/** A body that comes more slowly than this is not worth keeping the caller. */
const PATIENCE_MS = 1_000;

/**
 * What the body of a refusal says, as JSON; undefined if it is none, too long, or too slow. The response can be read
 * all the same. Having been read, its connection is free for the next attempt.
 */
export async function jsonOf(response: Response, clock: Clock): Promise<unknown> {
  const done = new AbortController();
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    reader = response.clone().body?.getReader();
    return reader && (await Promise.race([parsed(reader), clock.sleep(PATIENCE_MS, done.signal)]));
  } catch {
    return undefined;
  } finally {
    done.abort();
    reader?.cancel().catch(() => {});
  }
}

async function parsed(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return JSON.parse(text + decoder.decode());
    bytes += value.byteLength;
    if (bytes > MOST_BYTES) return undefined;
    text += decoder.decode(value, { stream: true });
  }
}
