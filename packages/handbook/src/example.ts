import type { DocsRequest, Policy } from "@headgate/policy";
import type { Credential } from "./credential.ts";

const EVENTS_PATH = "/v1/events";
const EVENTS_BATCH: DocsRequest = {
  method: "POST",
  path: "/v1/events/batch",
  headers: new Map(),
  body: {
    events: [
      { type: "user.login", actor: { id: "user_123" } },
      { type: "file.upload", actor: { id: "user_123" } },
      { type: "document.view", actor: { id: "user_456" } },
    ],
  },
};

/** The request that examples make: the policy's own, else one that its first limit is likely to count. */
export function exampleOf({ docs, upstream, example }: Policy): DocsRequest {
  if (docs.example) return docs.example;
  const path = upstream?.kind === "builtin" ? EVENTS_PATH : example.path;
  return { method: "GET", path, headers: new Map(), body: undefined };
}

/** A request that does the work of many; undefined where the API is not known to have one. */
export function batchOf({ docs, upstream }: Policy): DocsRequest | undefined {
  return docs.batch ?? (upstream?.kind === "builtin" ? EVENTS_BATCH : undefined);
}

/** Stands for the credential until a sample is written. No header and no path can hold it. */
export const SECRET = "\0";

/** The request's headers, with {@link SECRET} in the credential's, which comes first. */
export function headersOf(
  { headers, body }: DocsRequest,
  credential: Credential | undefined,
): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  if (credential && "header" in credential.place) {
    pairs.push([credential.place.header, `${credential.place.before}${SECRET}`]);
  }
  const isTyped = [...headers.keys()].some((name) => name.toLowerCase() === "content-type");
  if (body !== undefined && !isTyped) pairs.push(["Content-Type", "application/json"]);
  return [...pairs, ...headers];
}

/** The request's URL, with {@link SECRET} in it where the query carries the credential. */
export function urlOf({ path }: DocsRequest, { docs }: Policy, credential: Credential | undefined): string {
  const url = `${docs.baseUrl}${path}`;
  if (!credential || "header" in credential.place) return url;
  return `${url}${url.includes("?") ? "&" : "?"}${encodeURIComponent(credential.place.query)}=${SECRET}`;
}
