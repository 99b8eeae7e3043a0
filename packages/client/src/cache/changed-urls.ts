/** What of a resource is not known any more after such an answer to such a request (RFC 9111, section 4.4). */
export function changedUrls(url: string, method: string, { status, headers }: Response): Set<string> {
  if (["HEAD", "OPTIONS", "TRACE"].includes(method) || status >= 400) return new Set();
  const named = [headers.get("location"), headers.get("content-location")].flatMap((reference) => {
    if (reference === null || !URL.canParse(reference, url)) return [];
    const other = new URL(reference, url);
    // Nobody can outdate what is elsewhere.
    return other.origin === new URL(url).origin ? [other.href] : [];
  });
  return new Set([url, ...named]);
}
