import type { Gate } from "./gate.ts";

/** So much of a body is taken before anybody reads it: who never does holds no place for a short one. */
const READ_AHEAD_BYTES = 64 * 1024;

/** Ends bodies that nobody has any more. Cloudflare's workers have this from their compatibility date 2025-05-05 on. */
const abandoned =
  typeof FinalizationRegistry === "undefined"
    ? undefined
    : /* @__PURE__ */ new FinalizationRegistry<() => void>((end) => end());

/** The response, made anew, with a body that keeps its call's place at the gate until it has ended, is cancelled or is garbage. */
export function occupying(response: Response, gate: Gate): Response {
  if (!response.body || response.body.locked) return response;
  const reader = response.body.getReader();
  const free = gate.occupy();
  reader.closed.then(free, free);
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: READ_AHEAD_BYTES }),
  );
  abandoned?.register(body, () => reader.cancel().catch(() => {}));
  const { url, redirected, type } = response;
  const told = { url: { value: url }, redirected: { value: redirected }, type: { value: type } };
  return Object.defineProperties(new Response(body, response), told);
}
