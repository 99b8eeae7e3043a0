/**
 * Names of request headers that say nothing of who is asking: what is accepted, what speaks to caches or of the call itself.
 * Any other may, for an API can name it as it likes; and to ask once too often is better than to give one another's answer.
 */
const HARMLESS =
  /^(?:accept.*|cache-control|pragma|content-.+|user-agent|traceparent|tracestate|x-(?:request|correlation)-id)$/;

/** All that a request says of who is asking, by its headers, and by `credential` if given; empty for nothing. It holds secrets. */
export function credentialsOf(request: Request, credential?: (request: Request) => string): string {
  const shown = [...request.headers].filter(([name]) => !HARMLESS.test(name)).join("\n");
  // Headers have no empty line.
  return credential ? `${shown}\n\n${credential(request)}` : shown;
}
