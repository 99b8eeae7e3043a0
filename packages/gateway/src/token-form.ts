import { readClient } from "./client-credentials.ts";
import type { TokenFault } from "./token-fault.ts";
import type { TokenRequest } from "./token-request.ts";

/** Reads a request in OAuth's form, by client credentials (RFC 6749, section 4.4.2). Fields not known do not count. */
export function parseTokenForm(form: string, authorization: string | undefined): TokenRequest | TokenFault {
  const fields = new URLSearchParams(form);
  if (new Set(fields.keys()).size !== fields.size) return invalid("no field may come twice");
  // A field without a value is as if it were not there (section 3.2).
  const fieldOf = (name: string): string | undefined => fields.get(name) || undefined;
  const grantType = fieldOf("grant_type");
  if (grantType === undefined) return invalid("grant_type is missing");
  if (grantType !== "client_credentials") {
    return { error: "unsupported_grant_type", status: 400, detail: "the only grant_type is client_credentials" };
  }
  const client = readClient(authorization, { id: fieldOf("client_id"), secret: fieldOf("client_secret") });
  if (client && "error" in client) return client;
  const scopes = fieldOf("scope")?.split(" ").filter(Boolean);
  return { client, kind: "access", actor: undefined, target: undefined, lifetimeMs: undefined, scopes };
}

function invalid(detail: string): TokenFault {
  return { error: "invalid_request", status: 400, detail };
}
