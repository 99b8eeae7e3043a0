/** One request of a trace, as a line of its log has it. */
export interface Traced {
  /** Epoch ms. */
  readonly time: number;
  readonly method: string;
  readonly path: string;
  readonly ip: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
  readonly status: number;
  /** In ms; 0 where its answer comes at once. */
  readonly duration: number;
}

const START = Date.UTC(2030, 0, 1);
const KEYS = 40;
/** One for each algorithm, and ways to write what comes after it. */
const ROOTS = ["/windows", "/sliding", "/buckets", "/flights"];
const PATHS = ["/events", "/meters/7/readings", "/meters/8/readings", "//events/", "/%61ccounts/1?full=1"];
const STATUSES = [200, 200, 200, 200, 201, 304, 401, 404, 500];

/** Requests of some busy callers and many quiet ones, from behind a proxy, to every algorithm; the same at every run. */
export function trace(count: number): Traced[] {
  const random = seeded(7);
  const below = (limit: number): number => Math.floor(random() * limit);
  let time = START;
  return Array.from({ length: count }, () => {
    // Bursts, and pauses longer than any window between some of them.
    time += random() < 0.001 ? 90_000 : below(2) * below(60);
    const caller = Math.floor(random() ** 3 * KEYS);
    const isPost = random() < 0.3;
    const root = ROOTS[below(ROOTS.length)] as string;
    return {
      time,
      method: isPost ? "POST" : "GET",
      path: `${root}${PATHS[below(PATHS.length)]}`,
      ip: "127.0.0.1",
      headers: {
        "x-forwarded-for": `198.51.100.${caller % 9}`,
        ...(random() < 0.7 && { authorization: `Bearer key_${caller}` }),
      },
      bytes: isPost ? below(40) : 0,
      status: STATUSES[below(STATUSES.length)] as number,
      // Elsewhere they would put off what the answer settles, and a log's answers are taken to come at once.
      duration: root === "/flights" ? below(200) : 0,
    };
  });
}

/** The trace as a log. */
export function toNdjson(requests: readonly Traced[]): string {
  return requests.map((request) => `${JSON.stringify(request)}\n`).join("");
}

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}
