import type { TokenFault } from "./token-fault.ts";

/** OAuth's words for a key: its id, and its secret. */
export interface ClientCredentials {
  readonly id: string;
  readonly secret: string;
}

/**
 * The key that a request for a token names with HTTP Basic or, `inForm`, in its form (RFC 6749, section 2.3.1), but not in
 * both. Undefined where it names none: then it may have shown its key as the policy says.
 */
export function readClient(
  authorization: string | undefined,
  inForm: { readonly [Field in keyof ClientCredentials]?: string | undefined } = {},
): ClientCredentials | TokenFault | undefined {
  const { id, secret } = inForm;
  if (authorization !== undefined && /^basic\b/i.test(authorization)) {
    const client = parseBasic(authorization);
    if (!client) return { error: "invalid_client", status: 401, detail: "the Basic credentials cannot be read" };
    const isOnce = secret === undefined && (id === undefined || id === client.id);
    return isOnce ? client : invalid("client credentials belong in the form or in Authorization, not in both");
  }
  if (secret === undefined) return undefined;
  return id === undefined ? invalid("client_id is missing") : { id, secret };
}

/** Id and secret are form-encoded before Basic joins and encodes them. */
function parseBasic(authorization: string): ClientCredentials | undefined {
  const encoded = /^basic +([\w+/-]+={0,2}) *$/i.exec(authorization)?.[1];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? "", "base64").toString()) ?? [];
  return id && secret ? { id: formDecoded(id), secret: formDecoded(secret) } : undefined;
}

function formDecoded(text: string): string {
  // Unencoded, it would cut the value short.
  return new URLSearchParams(`value=${text.replaceAll("&", "%26")}`).get("value") ?? "";
}

function invalid(detail: string): TokenFault {
  return { error: "invalid_request", status: 400, detail };
}
