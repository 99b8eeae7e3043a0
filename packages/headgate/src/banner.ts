import type { Policy } from "@headgate/policy";
import { style } from "./style.ts";

/** What listens where. */
export interface Listening {
  readonly policy: string;
  readonly gateway: string;
  readonly admin: string;
  readonly upstream: string;
}

/** The first lines on a terminal: what is listening, which policy, what upstream, and something to try. */
export function banner(policy: Policy, { policy: file, gateway, admin, upstream }: Listening): string {
  const count = policy.limits.length + policy.bodyCaps.length;
  const row = (label: string, text: string): string => `  ${style("dim", label.padEnd(9))} ${text}\n`;
  return [
    `${style("bold", "headgate")} is open\n`,
    row("callers", style("cyan", gateway)),
    row("upstream", upstream),
    row("policy", `${file} (${policy.title}, ${count} ${count === 1 ? "limit" : "limits"})`),
    row("health", `${admin}/healthz`),
    `\n  Try it: ${style("green", curlLine(policy, gateway))}\n\n`,
  ].join("");
}

function curlLine({ example }: Policy, gateway: string): string {
  const headers = example.headers.map((header) => ` -H '${header}'`).join("");
  return `curl -i${headers} ${gateway}${example.path}`;
}
