import type { Outcome } from "./exchange.ts";
import { Flight } from "./flight.ts";
import type { Place } from "./shelf.ts";

/** Enough for what one process asks for at the same time. */
const MOST_REMEMBERED = 1_000;

/** The requests on their way, by all of them that could decide about their answers. */
export class Flights {
  readonly #current = new Map<string, Flight<Outcome>>();
  /** Keys of what was for one caller alone when it came last: whoever waited for that would have to ask all the same. */
  readonly #unshared = new Set<string>();

  /** One that is under way, to be waited for; undefined where that may be in vain. */
  find(place: Place, request: Request): Flight<Outcome> | undefined {
    const flight = this.#current.get(idOf(place, request));
    return flight?.isGivenUp || this.#unshared.has(place.key) ? undefined : flight;
  }

  /** Begins one, in the place of one like it. `begin` can ask at any time whether it is current still. */
  depart(
    place: Place,
    request: Request,
    begin: (signal: AbortSignal, isCurrent: () => boolean) => Promise<Outcome>,
  ): Flight<Outcome> {
    const { key } = place;
    const id = idOf(place, request);
    const isCurrent = (): boolean => this.#current.get(id) === flight;
    const flight = new Flight(async (signal) => {
      try {
        const outcome = await begin(signal, isCurrent);
        if ("kept" in outcome) this.#unshared.delete(key);
        // A refusal or a failure does not say for whom the next answer is.
        else if (outcome.response.ok) this.#unshared.add(key);
        if (this.#unshared.size > MOST_REMEMBERED) this.#unshared.clear();
        return outcome;
      } finally {
        if (isCurrent()) this.#current.delete(id);
      }
    });
    this.#current.set(id, flight);
    return flight;
  }

  /** What is under way to a key is current no more: nobody joins it, and what comes of it is old. */
  clear(key: string): void {
    for (const id of this.#current.keys()) if (id.startsWith(`${key} `)) this.#current.delete(id);
  }
}

/** It begins with the key, in whose URL there is no space. */
function idOf({ key, caller, cookies }: Place, { headers, redirect, mode }: Request): string {
  return `${key} ${cookies} ${redirect} ${mode} ${JSON.stringify([caller, ...headers])}`;
}
