import type { Reading } from "./reading.ts";
import { untilReset } from "./until-reset.ts";

/**
 * Ms until the limits are whole again that a refusal's body names as violated: a problem (RFC 9457) as the IETF draft
 * has it, `{ "violated-policies": ["daily"] }`. They need not be used up, for a call may cost more than what remains.
 * Undefined where body and headers do not say.
 */
export function untilViolatedReset({ limits }: Reading, body: unknown, now: number): number | undefined {
  const violated: unknown = Object(body)["violated-policies"];
  const isViolated = ({ name }: { readonly name: string }) => Array.isArray(violated) && violated.includes(name);
  return untilReset(limits.filter(isViolated), now);
}
