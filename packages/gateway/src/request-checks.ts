import type { IncomingMessage } from "node:http";
import type { AnswerCode } from "./gateway-answers.ts";
import type { TransportLimits } from "./transport-limits.ts";

/** What is wrong with a request before anyone asks who sent it, besides its path; undefined where nothing is. */
export function faultOf(request: IncomingMessage, limits: TransportLimits): AnswerCode | undefined {
  const { url, headers, httpVersionMinor } = request;
  if ((url as string).length > limits.maxUrlBytes) return "HG_REQUEST_URL_TOO_LONG";
  if (!hasValidHost(request)) return "HG_REQUEST_HOST";
  const coding = headers["transfer-encoding"];
  // Other codings than chunked, and chunks before HTTP/1.1, are where servers disagree on where a body ends.
  if (coding !== undefined && (coding.toLowerCase() !== "chunked" || httpVersionMinor === 0)) {
    return "HG_REQUEST_MALFORMED";
  }
  return undefined;
}

/** RFC 9112, section 3.2: exactly one; only HTTP/1.0 can do without. */
function hasValidHost({ rawHeaders, headers, httpVersionMinor }: IncomingMessage): boolean {
  const { host } = headers;
  if (host === undefined) return httpVersionMinor === 0;
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === "host") count++;
  }
  return count === 1 && HOST.test(host);
}

const HOST = /^[\w.\-~!$&'()*+,;=%:[\]]*$/;
