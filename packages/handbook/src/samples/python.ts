import type { DocsRequest } from "@headgate/policy";
import { headersOf, SECRET, urlOf } from "../example.ts";
import type { Subject } from "../subject.ts";
import { pythonLiteral } from "./literal.ts";
import type { RetryPlan } from "./retry-plan.ts";

/** The request as a call of `requests`. The credential comes from the environment. */
export function pythonRequest(request: DocsRequest, subject: Subject): string {
  return `${standardImports(subject)}import requests

response = requests.${functionOf(request)}${requestsArguments(request, subject)}    timeout=30,
)`;
}

/** Asks again after a refusal, with `requests`. */
export function requestsRetry(subject: Subject, { tries, missingWait, patience }: RetryPlan): string {
  const { example } = subject;
  return `${standardImports(subject, "random", "time")}import requests


def request_patiently(method, url, **options):
    for attempt in range(1, ${tries + 1}):
        response = requests.request(method, url, timeout=30, **options)
        if response.status_code != ${subject.limitedStatuses[0]} or attempt == ${tries}:
            return response
        told = int(response.headers.get("Retry-After", ${missingWait}))
        if told > ${patience}:
            return response
        # Never less than told. A little more, so that not everybody comes back at once.
        time.sleep(max(told, 2 ** (attempt - 1)) + random.random())


response = request_patiently(
    ${JSON.stringify(example.method)},
${requestsArguments(example, subject)})
print(response.status_code, response.text)`;
}

/** Asks again after a refusal, with nothing but what Python brings. */
export function urllibRetry(subject: Subject, { tries, missingWait, patience }: RetryPlan): string {
  const { example } = subject;
  const hasBody = example.body !== undefined;
  const data = hasBody ? `    data=json.dumps(${pythonLiteral(example.body, "    ")}).encode(),\n` : "";
  return `${standardImports(subject, ...(hasBody ? ["json"] : []), "random", "time", "urllib.error", "urllib.request")}
def open_patiently(request):
    for attempt in range(1, ${tries + 1}):
        try:
            return urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as error:
            told = int(error.headers.get("Retry-After", ${missingWait}))
            if error.code != ${subject.limitedStatuses[0]} or attempt == ${tries} or told > ${patience}:
                raise
        # Never less than told. A little more, so that not everybody comes back at once.
        time.sleep(max(told, 2 ** (attempt - 1)) + random.random())


request = urllib.request.Request(
    ${pythonUrl(example, subject)},
    method=${JSON.stringify(example.method)},
    headers=${pythonHeaders(headersOf(example, subject.credential), subject, "    ")},
${data})
with open_patiently(request) as response:
    print(response.status, response.read().decode())`;
}

/** The imports of what Python brings, and a blank line if there are any; `os` is for the credential. */
export function standardImports({ credential }: Subject, ...modules: readonly string[]): string {
  const names = [...(credential ? ["os"] : []), ...modules].toSorted();
  return names.length === 0 ? "" : `${names.map((name) => `import ${name}`).join("\n")}\n\n`;
}

/** `requests` has a function for each usual method; others are said. */
function functionOf({ method }: DocsRequest): string {
  const usual = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].includes(method);
  return usual ? `${method.toLowerCase()}(\n` : `request(\n    ${JSON.stringify(method)},\n`;
}

/** URL, headers and body, as `requests` takes them; it says by itself that the body is JSON. */
function requestsArguments(request: DocsRequest, subject: Subject): string {
  const headers = headersOf({ ...request, body: undefined }, subject.credential);
  const fields = [
    pythonUrl(request, subject),
    ...(headers.length === 0 ? [] : [`headers=${pythonHeaders(headers, subject, "    ")}`]),
    ...(request.body === undefined ? [] : [`json=${pythonLiteral(request.body, "    ")}`]),
  ];
  return fields.map((field) => `    ${field},\n`).join("");
}

/** The request's URL as a string literal. */
export function pythonUrl(request: DocsRequest, subject: Subject): string {
  return quoted(urlOf(request, subject.policy, subject.credential), subject);
}

/** The headers of a request that has no body. */
export function pythonHeadersOf(request: DocsRequest, subject: Subject, margin: string): string {
  return pythonHeaders(headersOf(request, subject.credential), subject, margin);
}

function pythonHeaders(pairs: readonly (readonly [string, string])[], subject: Subject, margin: string): string {
  const items = pairs.map(([name, value]) => `${JSON.stringify(name)}: ${quoted(value, subject)}`);
  if (items.length < 2) return `{${items.join("")}}`;
  return `{\n${items.map((item) => `${margin}    ${item},\n`).join("")}${margin}}`;
}

/** A string literal; an f-string where the credential is in it. */
function quoted(text: string, { credential }: Subject): string {
  if (!text.includes(SECRET)) return JSON.stringify(text);
  const variable = `os.environ['${credential?.variable}']`;
  const parts = text.split(SECRET).map((part) => JSON.stringify(part).slice(1, -1).replace(/[{}]/g, "$&$&"));
  return parts.every((part) => part === "") ? variable.replaceAll("'", '"') : `f"${parts.join(`{${variable}}`)}"`;
}
