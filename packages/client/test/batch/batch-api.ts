import type { Clock } from "@headgate/client";
import type { BatchCall } from "@headgate/client/batch";

/** An item as tests send it. */
export interface Sent {
  readonly key: string;
  readonly n: number;
  readonly text?: string;
}

/** What the API does with a call. */
export type Mood = "takes" | "fails-before" | "fails-after" | "hangs" | "refuses" | "rejects-some" | "too-busy";

/** An API in memory that keeps idempotency keys, and can be in any mood. */
export interface BatchApi {
  readonly send: (items: readonly Sent[], call: BatchCall) => Promise<Response>;
  /** In the order in which they arrived. */
  readonly arrived: Sent[];
  readonly calls: { readonly at: number; readonly items: readonly Sent[]; readonly bytes: number }[];
  /** Keys that came with more than one body. */
  readonly reused: string[];
  /** The most calls that were under way at once. */
  readonly mostAtOnce: () => number;
  /** Keys that were in two calls at once. */
  readonly beside: string[];
}

/** The mood of each call is what `moodOf` says; answers come after `latencyMs`. */
export function batchApi(
  clock: Clock,
  {
    moodOf = () => "takes",
    maxBytes = Number.POSITIVE_INFINITY,
    latencyMs = 5,
  }: {
    readonly moodOf?: (call: number, items: readonly Sent[]) => Mood;
    readonly maxBytes?: number;
    readonly latencyMs?: number;
  } = {},
): BatchApi {
  const arrived: Sent[] = [];
  const calls: { at: number; items: readonly Sent[]; bytes: number }[] = [];
  const reused: string[] = [];
  const beside: string[] = [];
  const answers = new Map<string, { readonly body: string; readonly answer: object }>();
  const underWay = new Set<readonly Sent[]>();
  let mostAtOnce = 0;

  const answerTo = (items: readonly Sent[], { body, idempotencyKey }: BatchCall, mood: Mood): object => {
    const kept = answers.get(idempotencyKey);
    if (kept) {
      if (kept.body !== body) reused.push(idempotencyKey);
      return kept.answer;
    }
    // Of each key that it is too busy for it takes nothing, from the first item on.
    const busyKey = mood === "too-busy" ? items[0]?.key : undefined;
    const rejections = items.flatMap(({ key, n }, index): { index: number; [field: string]: unknown }[] => {
      if (key === busyKey) return [{ index, retry: true, reason: "too busy" }];
      return mood === "rejects-some" && n % 3 === 0 ? [{ index, field: "n", reason: "is a multiple of three" }] : [];
    });
    const isRejected = new Set(rejections.map(({ index }) => index));
    arrived.push(...items.filter((_, index) => !isRejected.has(index)));
    const answer = { accepted: items.length - rejections.length, rejected: rejections.length, rejections };
    answers.set(idempotencyKey, { body, answer });
    return answer;
  };

  const send = async (items: readonly Sent[], call: BatchCall): Promise<Response> => {
    const mood = moodOf(calls.length + 1, items);
    const bytes = new TextEncoder().encode(call.body).length;
    calls.push({ at: clock.now(), items, bytes });
    for (const other of underWay) {
      beside.push(...other.map(({ key }) => key).filter((key) => items.some((item) => item.key === key)));
    }
    underWay.add(items);
    mostAtOnce = Math.max(mostAtOnce, underWay.size);
    try {
      await clock.sleep(latencyMs, call.signal);
      if (bytes > maxBytes) return new Response(null, { status: 413 });
      if (mood === "hangs") {
        answerTo(items, call, mood);
        await clock.sleep(1e9, call.signal);
      }
      if (mood === "fails-before") throw new TypeError("connection refused");
      if (mood === "refuses") return new Response(null, { status: 429, headers: { "retry-after": "2" } });
      const answer = answerTo(items, call, mood);
      if (mood === "fails-after") throw new TypeError("connection reset");
      return Response.json(answer);
    } finally {
      underWay.delete(items);
    }
  };
  return { send, arrived, calls, reused, beside, mostAtOnce: () => mostAtOnce };
}
