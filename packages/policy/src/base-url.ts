/** Reads an http or https URL that paths can follow: without user, query or fragment. Undefined if it is none. */
export function parseBaseUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") return undefined;
  const hasMore = url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "";
  return hasMore ? undefined : url;
}
