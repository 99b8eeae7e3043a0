import { parseBaseUrl } from "./base-url.ts";
import type { DocsSectionId } from "./docs-sections.ts";
import type { DocsRequestSection, DocsSection } from "./schema/docs.ts";

/** What a policy says for the pages that its callers read. */
export interface DocsPolicy {
  /** The gate serves the pages below this path, which has no slash at its end; undefined: nowhere. */
  readonly path: string | undefined;
  /** Where callers reach the API, without a slash at its end. */
  readonly baseUrl: string;
  /** Whom callers ask for more: an e-mail address, a URL, or words. */
  readonly contact: string | undefined;
  /** The request that examples make. */
  readonly example: DocsRequest | undefined;
  /** A request that does the work of many. */
  readonly batch: DocsRequest | undefined;
  /** In a few words each, by name. */
  readonly limits: ReadonlyMap<string, string>;
  /** As {@link limits}; plans that no limit speaks of may be among them. */
  readonly plans: ReadonlyMap<string, string>;
  /** As {@link limits}. */
  readonly endpoints: ReadonlyMap<string, string>;
  /** Markdown instead of what would be generated. Empty: the section is left out. */
  readonly sections: ReadonlyMap<DocsSectionId, string>;
}

/** A request as an example, without its credential. */
export interface DocsRequest {
  readonly method: string;
  /** With its query, where it has one. */
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Sent as JSON; undefined sends nothing. */
  readonly body: unknown;
}

const DEFAULT_BASE_URL = "https://api.example.com";

export function compileDocs(section: DocsSection = {}): DocsPolicy {
  const { path, contact, example, batch, limits = {}, plans = {}, endpoints = {}, sections = {} } = section;
  return {
    path: path?.replace(/\/$/, ""),
    baseUrl: (parseBaseUrl(section["base-url"] ?? DEFAULT_BASE_URL) as URL).href.replace(/\/$/, ""),
    contact,
    example: example && compileRequest(example),
    batch: batch && compileRequest(batch),
    limits: new Map(Object.entries(limits)),
    plans: new Map(Object.entries(plans)),
    endpoints: new Map(Object.entries(endpoints)),
    sections: new Map(Object.entries(sections) as [DocsSectionId, string][]),
  };
}

function compileRequest({ request, headers = {}, body }: DocsRequestSection): DocsRequest {
  const [method = "GET", path = "/"] = request.split(" ");
  return { method, path, headers: new Map(Object.entries(headers)), body };
}
