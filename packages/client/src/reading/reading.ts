/** What one response says of limits, whatever dialect it says it in. */
export interface Reading {
  /** How long to wait before the next call at least, where the response says so: ms, counted from when it came. */
  readonly retryAfterMs?: number;
  /** What it says of each limit, the one that binds first. Empty where it says nothing. */
  readonly limits: readonly KnownLimit[];
}

/** What is known of one limit of an API. */
export interface KnownLimit {
  /** As the API names it; `"default"` where it does not. */
  readonly name: string;
  readonly quota?: number | undefined;
  readonly windowMs?: number | undefined;
  /** May be below zero: some APIs count what they refuse. */
  readonly remaining: number;
  /** Epoch ms by the client's clock: when the quota is whole again. */
  readonly resetAt?: number | undefined;
}
