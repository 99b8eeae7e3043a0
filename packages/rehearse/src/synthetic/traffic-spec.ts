/** What synthetic traffic can look like; `docs/reference/command.md` says what each is for. */
export const TRAFFIC_SHAPES = ["steady", "poisson", "bursty", "diurnal", "retry-storm", "abuser"] as const;

export type TrafficShape = (typeof TRAFFIC_SHAPES)[number];

/** Traffic that nobody sent. The same spec is the same traffic, to the ms. */
export interface TrafficSpec {
  readonly shape: TrafficShape;
  /** Of all callers together, on average over the whole time. A retry storm's retries come on top. */
  readonly ratePerSecond: number;
  readonly callers: number;
  readonly durationMs: number;
  /** A whole number. */
  readonly seed: number;
  /** Epoch ms. */
  readonly startsAt: number;
  /** What is asked for, each as often as the others. `{id}` in a target becomes a number below a thousand. */
  readonly routes: readonly SyntheticRoute[];
  /** By lower-case name. `{caller}` in a value becomes the caller's number. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface SyntheticRoute {
  /** Upper case. */
  readonly method: string;
  /** A path, and a query where there is one. */
  readonly target: string;
}
