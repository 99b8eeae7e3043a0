import { loadPolicy, type Policy } from "@headgate/policy";
import { type LoggedRequest, NO_HEADERS, Replay } from "@headgate/rehearse";

/** When the logs of tests begin. */
export const START: number = Date.UTC(2030, 0, 1);

/** A policy from YAML without its first line. */
function policyOf(text: string): Policy {
  const { policy, problems } = loadPolicy(`headgate: 1\n${text}`);
  if (!policy) throw new Error(JSON.stringify(problems));
  return policy;
}

export function replayOf(text: string): Replay {
  return new Replay(policyOf(text));
}

/** A request at so many ms after the start. */
export function at(ms: number, fields: Partial<LoggedRequest> = {}): LoggedRequest {
  return { method: "GET", target: "/", ip: "192.0.2.1", headers: NO_HEADERS, ...fields, time: START + ms };
}
