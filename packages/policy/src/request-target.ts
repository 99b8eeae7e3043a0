import { normalisePath } from "./normalise-path.ts";

/** What a request line asks for (RFC 9112, section 3.2). */
export interface RequestTarget {
  /** Normalised. */
  readonly path: string;
  /** Without the question mark; "" for none. */
  readonly query: string;
  /** Path and query, as the upstream will see them. */
  readonly pathAndQuery: string;
  /** The host of an absolute-form target, which then counts instead of the Host header (RFC 9112, section 3.2.2). */
  readonly authority: string | undefined;
}

/** Reads a request's target; undefined for one that cannot be passed on: `*`, authority-form, or an ambiguous path. */
export function readTarget(url: string): RequestTarget | undefined {
  if (url.charCodeAt(0) === SLASH) return readOriginForm(url, undefined);
  const absolute = ABSOLUTE_FORM.exec(url);
  if (!absolute || !URL.canParse(`http://${absolute[1]}`)) return undefined;
  const rest = absolute[2] ?? "";
  return readOriginForm(rest.startsWith("/") ? rest : `/${rest}`, absolute[1]);
}

function readOriginForm(url: string, authority: string | undefined): RequestTarget | undefined {
  const mark = url.indexOf("?");
  const rawPath = mark === -1 ? url : url.slice(0, mark);
  const path = normalisePath(rawPath);
  if (path === undefined) return undefined;
  if (mark === -1) return { path, query: "", pathAndQuery: path, authority };
  const query = url.slice(mark + 1);
  if (FORBIDDEN_IN_QUERY.test(query)) return undefined;
  return { path, query, pathAndQuery: path === rawPath ? url : `${path}?${query}`, authority };
}

const SLASH = 0x2f;
const ABSOLUTE_FORM = /^https?:\/\/([A-Za-z0-9.\-_~%:[\]]+)([/?].*)?$/i;
// Control characters, spaces, and the fragment that no client may send.
const FORBIDDEN_IN_QUERY = /[^!"$-~\x80-\xff]/;
