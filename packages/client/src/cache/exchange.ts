import type { Clock } from "../clock.ts";
import { bufferedBody } from "./buffered-body.ts";
import type { Directives } from "./cache-control.ts";
import { bornAt, lifetimeMs, outlastsErrors } from "./freshness.ts";
import { headersOf, type KeptResponse, keptHeaders, standingFor, toBody, updatedHeaders } from "./kept-response.ts";
import { isStorable } from "./storable.ts";

/** Sends a request as its caller gave it, but for what is told here. It obeys the signal. */
type Send = (own: Pick<RequestInit, "headers" | "signal">) => Promise<Response>;

/** A question for the origin. */
export interface Question {
  readonly request: Request;
  readonly wishes: Directives;
  readonly send: Send;
  /** What was stored, and cannot be used without asking. */
  readonly known: KeptResponse | undefined;
}

/** What came of it: a response to keep, new or confirmed or as it was; or one that is not to be kept, untouched. */
export type Outcome =
  | { readonly kept: KeptResponse; readonly use: "new" | "revalidated" | "stale" }
  | { readonly response: Response };

/** What of a cache's settings decides about answers. */
export interface ExchangeSettings {
  readonly clock: Pick<Clock, "now">;
  readonly maxBodyBytes: number;
  readonly defaultTtlMs: number | undefined;
}

/** Failures of the origin or before it, which an older answer may outlast. */
const FAILURES: readonly number[] = [500, 502, 503, 504];

/** Asks the origin, by what is known already (RFC 9111, section 4.3), and makes of the answer what can be stored. */
export async function exchange(question: Question, settings: ExchangeSettings, signal: AbortSignal): Promise<Outcome> {
  const { known, send, request } = question;
  const { now } = settings.clock;
  let requestedAt = now();
  try {
    let response = await send(known ? { headers: conditional(request, known), signal } : { signal });
    if (known && response.status === 304) {
      if (speaksOf(known, response))
        return { kept: confirmed(known, response.headers, requestedAt, settings), use: "revalidated" };
      requestedAt = now();
      response = await send({ signal });
    }
    const isFailure = FAILURES.includes(response.status);
    if (!known || !isFailure || !outlastsErrors(known, now()))
      return await received(question.wishes, response, requestedAt, settings);
    await response.body?.cancel();
  } catch (error) {
    if (!known || !outlastsErrors(known, now())) throw error;
  }
  return { kept: known, use: "stale" };
}

function conditional(request: Request, known: KeptResponse): Headers {
  const [headers, stored] = [new Headers(request.headers), headersOf(known)];
  const [etag, lastModified] = [stored.get("etag"), stored.get("last-modified")];
  if (etag !== null) headers.set("if-none-match", etag);
  else if (lastModified !== null) headers.set("if-modified-since", lastModified);
  return headers;
}

/** Whether a 304 is about what is known, as far as it says (section 4.3.4). */
function speaksOf(known: KeptResponse, { headers }: Response): boolean {
  const [said, stored] = [headers.get("etag"), headersOf(known).get("etag")];
  return said === null || said.replace(/^W\//, "") === stored?.replace(/^W\//, "");
}

function confirmed(known: KeptResponse, news: Headers, requestedAt: number, settings: ExchangeSettings): KeptResponse {
  const headers = updatedHeaders(known, news);
  return { ...known, headers, ...timesOf(headersOf({ headers }), known.status, requestedAt, settings) };
}

async function received(
  wishes: Directives,
  response: Response,
  requestedAt: number,
  settings: ExchangeSettings,
): Promise<Outcome> {
  const { url, status, statusText, headers } = response;
  const times = timesOf(headers, status, requestedAt, settings);
  const isLarge = Number(headers.get("content-length")) > settings.maxBodyBytes;
  if (isLarge || !isStorable(wishes, response, times.lifetimeMs)) return { response };
  const body = response.body ? await bufferedBody(response.body, settings.maxBodyBytes) : new Uint8Array();
  if (body instanceof ReadableStream) return { response: standingFor(url, new Response(body, response)) };
  return { kept: { url, status, statusText, headers: keptHeaders(headers), ...toBody(body), ...times }, use: "new" };
}

function timesOf(
  headers: Headers,
  status: number,
  requestedAt: number,
  { clock, defaultTtlMs }: ExchangeSettings,
): Pick<KeptResponse, "bornAt" | "lifetimeMs"> {
  const ttlMs = status < 300 ? defaultTtlMs : undefined;
  return { bornAt: bornAt(headers, requestedAt), lifetimeMs: lifetimeMs(headers, clock.now(), ttlMs) };
}
