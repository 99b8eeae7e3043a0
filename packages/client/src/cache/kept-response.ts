/** A response as it is kept: plain data, as JSON and structured clones can carry it. It is never changed, only replaced. */
export interface KeptResponse {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body as text where it is UTF-8, else as base64. */
  readonly body: string;
  readonly isBase64: boolean;
  /** Epoch ms by the client's clock: when the origin made or confirmed it. */
  readonly bornAt: number;
  /** How long it is fresh from then, ms. */
  readonly lifetimeMs: number;
}

/** What speaks of a connection, and is over with it (RFC 9111, section 3.1). */
const OF_THE_CONNECTION = /^(?:connection|keep-alive|proxy-.+|te|trailer|transfer-encoding|upgrade)$/;

/** What a 304 cannot change, for it speaks of the body, which stays (section 3.2). */
const OF_THE_BODY = /^content-(?:encoding|length|range|type)$/;

/** The headers of a response that are kept with it. */
export function keptHeaders(headers: Headers): KeptResponse["headers"] {
  const named = (headers.get("connection") ?? "").toLowerCase().split(/\s*,\s*/);
  return [...headers].filter(([name]) => !OF_THE_CONNECTION.test(name) && !named.includes(name));
}

/** The headers that a response has once a 304 has told news of it (section 3.2). Its age is the 304's. */
export function updatedHeaders(kept: KeptResponse, news: Headers): KeptResponse["headers"] {
  const newer = keptHeaders(news).filter(([name]) => !OF_THE_BODY.test(name));
  const isOld = (name: string): boolean => name !== "age" && !newer.some(([other]) => other === name);
  return [...kept.headers.filter(([name]) => isOld(name)), ...newer];
}

/** Kept headers, to be read. */
export function headersOf({ headers }: Pick<KeptResponse, "headers">): Headers {
  return new Headers(headers as [string, string][]);
}

/** The response again, a new one each time. Given `ageMs`, it says how old it is (section 5.1). */
export function toResponse(kept: KeptResponse, ageMs?: number): Response {
  const { url, status, statusText, body, isBase64 } = kept;
  const headers = headersOf(kept);
  if (ageMs !== undefined) headers.set("age", String(Math.floor(ageMs / 1000)));
  const bytes = isBase64 ? fromBase64(body) : new TextEncoder().encode(body);
  return standingFor(url, new Response(bytes.length > 0 ? bytes : null, { status, statusText, headers }));
}

/** A response that was made here, with the URL that it is from: links in it are resolved against that. */
export function standingFor(url: string, response: Response): Response {
  return Object.defineProperty(response, "url", { value: url });
}

/** A body as it is kept. */
export function toBody(bytes: Uint8Array): Pick<KeptResponse, "body" | "isBase64"> {
  try {
    return { body: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), isBase64: false };
  } catch {
    let binary = "";
    for (const byte of bytes) binary += String.fromCharCode(byte);
    return { body: btoa(binary), isBase64: true };
  }
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
