/** What an Authorization header says with `Bearer`: a token, nothing, or something that servers read differently. */
export type Bearer =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "none" }
  | { readonly kind: "ambiguous" };

const NONE: Bearer = { kind: "none" };
const AMBIGUOUS: Bearer = { kind: "ambiguous" };

/**
 * Reads `Bearer <token>` (RFC 6750, section 2.1); the scheme's case does not count. More after the token, or white space
 * other than a blank before it, is ambiguous: some servers cut there, so each variation would be a new caller here and
 * the same one there. Tokens may hold characters beyond the RFC's, as real ones do.
 */
export function parseBearer(authorization: string | undefined): Bearer {
  if (authorization === undefined) return NONE;
  const read = /^bearer(?: +(\S+))? *$/i.exec(authorization);
  if (!read) return /^bearer\b/i.test(authorization) ? AMBIGUOUS : NONE;
  return read[1] === undefined ? NONE : { kind: "token", token: read[1] };
}
