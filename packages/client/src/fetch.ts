/** The web's `fetch`, or anything that is called like it. */
export type Fetch = (input: FetchInput, init?: RequestInit) => Promise<Response>;

export type FetchInput = string | URL | Request;

/** Whether the input of a fetch is a request, be it of this `fetch`'s class or of another's. */
export function isRequest(input: FetchInput): input is Request {
  return typeof input === "object" && "url" in input;
}

/** The call as a request of this runtime's own class, whatever class it was given as. It must have no body. */
export function requestOf(input: FetchInput, init: RequestInit | undefined): Request {
  const isForeign = isRequest(input) && !(input instanceof Request);
  return new Request(isForeign ? new Request(urlOf(input), input) : input, init);
}

/** The whole URL of a call. Throws a `TypeError` where that is none, as `fetch` does. */
export function urlOf(input: FetchInput): URL {
  const { location } = globalThis as { location?: { readonly href: string } };
  return new URL(isRequest(input) ? input.url : input, location?.href);
}

/** In upper case. */
export function methodOf(input: FetchInput, init: RequestInit | undefined): string {
  return (init?.method ?? (isRequest(input) ? input.method : "GET")).toUpperCase();
}

/** The headers as they were given: those of `init` take the place of the request's. */
export function headersOf(input: FetchInput, init: RequestInit | undefined): RequestInit["headers"] {
  return init?.headers ?? (isRequest(input) ? input.headers : undefined);
}

export function signalOf(input: FetchInput, init: RequestInit | undefined): AbortSignal | undefined {
  // A signal of null is the wish for none.
  return (init?.signal === undefined && isRequest(input) ? input.signal : init?.signal) ?? undefined;
}
