import type { IncomingHttpHeaders } from "node:http";

/**
 * What some servers take for a header that is read here: `X_Api_Key` and `X.Api.Key` for `x-api-key`, for those that make
 * variables of headers, as CGI does, have one name for all. Passed on, they could show the upstream what nobody decided by.
 */
export class HeaderTwins {
  readonly #read: ReadonlySet<string>;
  readonly #twins: RegExp | undefined;

  /** `read` is in lower case. */
  constructor(read: ReadonlySet<string>) {
    this.#read = read;
    const patterns = [...read].filter((name) => APART.test(name)).map((name) => name.split(APART).join("[^a-z0-9]"));
    this.#twins = patterns.length === 0 ? undefined : new RegExp(`^(?:${patterns.join("|")})$`);
  }

  /** Takes them away. */
  drop(headers: IncomingHttpHeaders): void {
    if (this.#twins === undefined) return;
    for (const name in headers) {
      if (this.#twins.test(name) && !this.#read.has(name)) delete headers[name];
    }
  }
}

const APART = /[^a-z0-9]/;
