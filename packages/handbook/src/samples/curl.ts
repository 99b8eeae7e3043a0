import type { DocsRequest } from "@headgate/policy";
import { headersOf, SECRET, urlOf } from "../example.ts";
import type { Subject } from "../subject.ts";
import { jsonLiteral } from "./literal.ts";
import type { RetryPlan } from "./retry-plan.ts";

/** The request as a call of curl, with these options before the URL. The credential comes from the environment. */
export function curlRequest(request: DocsRequest, subject: Subject, options: string = ""): string {
  const [url, ...others] = curlArguments(request, subject);
  return [`curl ${options}${options === "" ? "" : " "}${url}`, ...others].join(" \\\n  ");
}

/** Asks again after a refusal, in bash. curl knows `%header{…}` from 7.84 on. */
export function curlRetry(subject: Subject, { tries, missingWait, patience }: RetryPlan): string {
  const call = [
    "read -r status told < <(curl -sS -o answer.json -w '%{http_code} %header{retry-after}\\n'",
    ...curlArguments(subject.example, subject),
  ];
  return `# curl 7.84 or later
for attempt in {1..${tries}}; do
  ${call.join(" \\\n    ")})
  if [ "$status" != ${subject.limitedStatuses[0]} ]; then break; fi
  told=\${told:-${missingWait}} backoff=$((2 ** (attempt - 1)))
  if [ "$attempt" = ${tries} ] || [ "$told" -gt ${patience} ]; then break; fi
  # Never less than told. A little more, so that not everybody comes back at once.
  sleep "$((told > backoff ? told : backoff)).$((RANDOM % 10))"
done
echo "$status" && cat answer.json`;
}

/** The URL first, then what the request has, one argument an item. */
function curlArguments(request: DocsRequest, { policy, credential }: Subject): string[] {
  const { method, body } = request;
  const variable = `$${credential?.variable}`;
  const usual = body === undefined ? "GET" : "POST";
  return [
    quoted(urlOf(request, policy, credential), variable),
    ...(method === usual ? [] : [method === "HEAD" ? "--head" : `--request ${method}`]),
    ...headersOf(request, credential).map(([name, value]) => `-H ${doubleQuoted(`${name}: ${value}`, variable)}`),
    ...(body === undefined ? [] : [`-d '${jsonLiteral(body, "  ").replaceAll("'", "'\\''")}'`]),
  ];
}

/** A URL in quotes, where a shell would see more in it than a word. */
function quoted(url: string, variable: string): string {
  return /^[\w:/.~-]+$/.test(url) ? url : doubleQuoted(url, variable);
}

/** With the variable in the credential's place; nothing else has a meaning to a shell. */
function doubleQuoted(text: string, variable: string): string {
  const parts = text.split(SECRET).map((part) => part.replace(/[\\"$`]/g, "\\$&"));
  return `"${parts.join(variable)}"`;
}
