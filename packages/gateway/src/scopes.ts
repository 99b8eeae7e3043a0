import type { Identity } from "@headgate/control";
import { answerOf, type GatewayAnswer } from "./gateway-answers.ts";

/** What a method takes of a credential: `read` for the safe ones (RFC 9110, section 9.2.1), `write` for the others. */
type MethodScope = "read" | "write";

/** What to answer a caller whose credential does not let it use this method; undefined where it may. */
export function scopeRefusal({ scopes }: Identity, method: string): GatewayAnswer | undefined {
  const scope: MethodScope = SAFE.has(method) ? "read" : "write";
  return scopes.includes(scope) ? undefined : REFUSALS[scope];
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

const REFUSALS: Readonly<Record<MethodScope, GatewayAnswer>> = { read: refusalFor("read"), write: refusalFor("write") };

/** RFC 6750, section 3.1. */
function refusalFor(scope: MethodScope): GatewayAnswer {
  const { status, headers, body } = answerOf("HG_REQUEST_SCOPE");
  const challenge = `Bearer error="insufficient_scope", scope="${scope}"`;
  return { status, headers: [...headers, "WWW-Authenticate", challenge], body };
}
