import { joinedBytes } from "../joined-bytes.ts";

/**
 * Reads a body to its end, if that comes within `maxBytes`; else gives a stream of all of it, what was read included.
 * Rejects where the body breaks off.
 */
export async function bufferedBody(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | ReadableStream<Uint8Array>> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length <= maxBytes) {
    const { done, value } = await reader.read();
    if (done) return joinedBytes(chunks);
    chunks.push(value);
    length += value.length;
  }
  return new ReadableStream({
    async pull(controller) {
      const chunk = chunks.shift() ?? (await reader.read()).value;
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
