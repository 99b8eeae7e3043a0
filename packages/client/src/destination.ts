import { credentialIn, fingerprintOf } from "./credential.ts";
import { type FetchInput, headersOf, isRequest, urlOf } from "./fetch.ts";
import type { Gate } from "./pacing/gate.ts";
import { RetryBudget, type RetryBudgetOptions } from "./waiting/retry-budget.ts";

/** Where a call goes: an API, with a credential. */
export interface Destination {
  readonly gate: Gate;
  readonly budget: RetryBudget;
}

/** Hosts that budgets are kept for. */
const MOST_HOSTS = 1_000;

/** Finds out where calls go: at once, where one goes to the same place as the last. */
export class Destinations {
  readonly #gates: { gate(key: string): Gate };
  readonly #budgetOptions: RetryBudgetOptions | undefined;
  readonly #credentialOf: ((request: Request) => string) | undefined;
  readonly #budgets = new Map<string, RetryBudget>();
  #last: Destination | undefined;
  #lastStart = "";
  #lastCredential = "";

  constructor(
    gates: { gate(key: string): Gate },
    budgetOptions: RetryBudgetOptions | undefined,
    credentialOf: ((request: Request) => string) | undefined,
  ) {
    this.#gates = gates;
    this.#budgetOptions = budgetOptions;
    this.#credentialOf = credentialOf;
  }

  /** Throws a `TypeError` where the call has no URL that can be fetched. */
  of(input: FetchInput, init: RequestInit | undefined): Destination {
    const headers = headersOf(input, init);
    const credential = this.#credentialOf
      ? this.#credentialOf(new Request(urlOf(input), headers && { headers }))
      : credentialIn(headers);
    if (this.#last && credential === this.#lastCredential && startOf(input).startsWith(this.#lastStart))
      return this.#last;
    const { origin } = urlOf(input);
    this.#last = { gate: this.#gates.gate(keyOf(origin, credential)), budget: this.#budgetOf(origin) };
    this.#lastCredential = credential;
    // With the slash, so that no other host begins alike.
    this.#lastStart = `${origin}/`;
    return this.#last;
  }

  #budgetOf(origin: string): RetryBudget {
    const budget = this.#budgets.get(origin) ?? new RetryBudget(this.#budgetOptions);
    // Put in anew, the one that was used last is the last to go.
    this.#budgets.delete(origin);
    this.#budgets.set(origin, budget);
    const [oldest] = this.#budgets.keys();
    if (this.#budgets.size > MOST_HOSTS && oldest !== undefined) this.#budgets.delete(oldest);
    return budget;
  }
}

function startOf(input: FetchInput): string {
  return typeof input === "string" ? input : isRequest(input) ? input.url : input.href;
}

function keyOf(origin: string, credential: string): string {
  return credential ? `${origin} ${fingerprintOf(credential)}` : origin;
}
