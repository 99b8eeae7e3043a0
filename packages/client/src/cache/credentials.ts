/** Names of request headers that may say who is asking, and so decide whose the answer is. */
const TELLING = /^cookie$|auth|key|token|secret|session|signature|cred|cert|ident|user|account|tenant|client/;

/** Whether a header of this name, in lower case, may say who is asking. */
export function tellsCaller(name: string): boolean {
  return TELLING.test(name) && !name.startsWith("sec-") && name !== "user-agent" && name !== "idempotency-key";
}

/** All that a request's headers say of who is asking, as one text; empty where they say nothing. It holds secrets. */
export function credentialsOf({ headers }: Request): string {
  return [...headers].filter(([name]) => tellsCaller(name)).join("\n");
}
