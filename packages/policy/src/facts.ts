import type { Overrides } from "./override.ts";

/** Header values by lower-case name, as node:http gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What is known of a request when it is to be decided. Everything a policy can match or count by is here. */
export interface Facts {
  /** Upper case. */
  readonly method: string;
  /** Normalised, as the upstream will see it; without the query. */
  readonly path: string;
  readonly headers: Headers;
  /** Who is calling, by caller name: `ip` always, the others where the request names them. */
  readonly callers: Readonly<Record<string, string>>;
  /** Whether a credential was presented that counts as valid under the policy's `credentials`. */
  readonly authenticated: boolean;
  /** The plan of the caller's account, where one is known. */
  readonly plan?: string | undefined;
  /** The caller's exceptions, where it has any. */
  readonly overrides?: Overrides | undefined;
}
