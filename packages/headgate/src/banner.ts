import { printable } from "@headgate/core";
import type { Policy } from "@headgate/policy";
import type { AdminToken } from "./admin-token.ts";
import { style } from "./style.ts";

/** What listens where. */
export interface Listening {
  readonly policy: string;
  readonly gateway: string;
  readonly admin: string;
  readonly upstream: string;
}

/** The first lines on a terminal: what is listening, which policy, what upstream, and something to try. */
export function banner(
  policy: Policy,
  { policy: file, gateway, admin, upstream }: Listening,
  { token, records, key }: { readonly token: AdminToken; readonly records: string; readonly key: string },
): string {
  const count = policy.limits.length + policy.bodyCaps.length;
  const row = (label: string, text: string): string => `  ${style("dim", label.padEnd(9))} ${text}\n`;
  return [
    `${style("bold", "headgate")} is open\n`,
    row("callers", style("cyan", gateway)),
    row("upstream", upstream),
    row("policy", `${file} (${printable(policy.title)}, ${count} ${count === 1 ? "limit" : "limits"})`),
    row("records", records),
    row("admin", `${admin}/admin/v1`),
    row("health", `${admin}/healthz`),
    newTokenLines(token),
    `\n  Try it: ${style("green", printable(curlLine(policy, { gateway, upstream, key })))}\n\n`,
  ].join("");
}

function newTokenLines({ isNew, secret, file }: AdminToken): string {
  if (!isNew) return "";
  return `\n  The admin token, shown this once and kept in ${file}:\n  ${style("yellow", secret)}\n`;
}

/** `key` is a key to use where they are issued here, or a command that makes one: what anybody can make up is refused. */
function curlLine(
  { example, credentials }: Policy,
  { gateway, upstream, key }: { readonly gateway: string; readonly upstream: string; readonly key: string },
): string {
  const headers = example.headers.map((header) =>
    credentials === "managed" ? `"${header.replace(/\S+$/, () => key)}"` : `'${header}'`,
  );
  const isEvents = upstream === "builtin:events";
  if (isEvents) headers.push("'Content-Type: application/json'");
  const options = headers.map((header) => ` -H ${header}`).join("");
  return isEvents
    ? `curl -i${options} -d '${EVENT}' ${gateway}/v1/events`
    : `curl -i${options} ${gateway}${example.path}`;
}

const EVENT = JSON.stringify({ type: "user.login", actor: { id: "user_123" } });
