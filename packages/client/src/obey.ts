import type { ResponseCache } from "./cache/response-cache.ts";
import { Call, type CallInit } from "./call.ts";
import { Destinations } from "./destination.ts";
import type { Fetch, FetchInput } from "./fetch.ts";
import { tell } from "./notice.ts";
import type { ObeyOptions } from "./options.ts";
import { Gates } from "./pacing/gates.ts";
import { toSettings } from "./settings.ts";
import { withIdempotencyKey } from "./waiting/idempotency-key.ts";

/** A fetch that keeps to the limits of the APIs it calls. */
export interface ObeyingFetch {
  (input: FetchInput, init?: CallInit): Promise<Response>;
  /** What is known of limits, by API: its origin, and a fingerprint of the credential where there is one. */
  limits(): ReturnType<Gates["limits"]>;
  /** Ends what is shared with other processes or tabs. */
  close(): void;
}

/**
 * Makes a fetch that keeps to an API's limits: it reads what each response says of them, spreads calls so that they are
 * not met, waits as told where they are, and sends again what was refused.
 *
 *     const api = obey(fetch);
 *     const response = await api("https://api.example.com/v1/things", { headers: { authorization: "Bearer …" } });
 *
 * It answers as `fetch` does: a call whose attempts are used up gets the last refusal, or the last network error. It
 * throws `WaitTooLongError` where a wait is longer than the call's patience. A body that is a stream is sent once. A
 * `Request` with a body is copied before it is sent, and so kept in memory until it is answered: give large ones as URL and
 * init, or set `attempts` to 1.
 */
export function obey(fetch: Fetch, options: ObeyOptions = {}): ObeyingFetch {
  const settings = toSettings(fetch, options);
  const { cache, credential, onNotice, idempotencyKeys } = settings;
  const gates = new Gates(settings);
  const destinations = new Destinations(gates, options.retryBudget, credential);
  const spare: Call[] = [];
  let calls = 0;

  const send = (input: FetchInput, init: CallInit | undefined): Promise<Response> =>
    (spare.pop() ?? new Call(spare)).run(settings, destinations.of(input, init), calls++, input, init);

  // By itself: where a function remembers what it was called with, each call of it allocates 48 bytes for that.
  const ask = (known: ResponseCache, input: FetchInput, keyed: CallInit | undefined, init?: CallInit) =>
    known.fetch(input, keyed, send, {
      tell: (reason) => tell(onNotice, input, init, { kind: "from-cache", reason }),
      credential,
    });

  const obeying = (input: FetchInput, init?: CallInit): Promise<Response> => {
    try {
      const keyed = idempotencyKeys ? withIdempotencyKey(input, init) : init;
      return cache ? ask(cache, input, keyed, init) : send(input, keyed);
    } catch (error) {
      // As fetch does, which rejects what it is called wrongly with.
      return Promise.reject(error);
    }
  };
  return Object.assign(obeying, { limits: () => gates.limits(), close: () => gates.close() });
}
