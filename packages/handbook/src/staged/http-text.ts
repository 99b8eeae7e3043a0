import { STATUS_CODES } from "node:http";
import type { HeaderPair } from "@headgate/core";
import type { Refusal } from "@headgate/policy";

/** Headers as they are sent, one a line. */
export function headerLines(headers: readonly HeaderPair[]): string {
  return headers.map(([name, value]) => `${name}: ${value}`).join("\n");
}

/** A refusal as it is sent, its body indented where it is JSON. */
export function refusalText({ status, headers, body }: Refusal): string {
  const statusLine = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
  return `${statusLine}\n${headerLines(headers)}\n\n${indented(body)}`;
}

/** JSON on several lines; any other text as it is. */
function indented(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
