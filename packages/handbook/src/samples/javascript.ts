import type { DocsRequest } from "@headgate/policy";
import { headersOf, SECRET, urlOf } from "../example.ts";
import type { Subject } from "../subject.ts";
import { javascriptKey, javascriptLiteral } from "./literal.ts";
import type { RetryPlan } from "./retry-plan.ts";

/** The request as a call of `fetch`. The credential comes from the environment. */
export function javascriptRequest(request: DocsRequest, subject: Subject): string {
  return `const response = await fetch(${javascriptArguments(request, subject)});`;
}

/** Asks again after a refusal. */
export function javascriptRetry(subject: Subject, { tries, missingWait, patience }: RetryPlan): string {
  return `// Node.js 18 or later, as a module: retry.mjs
import { setTimeout as sleep } from "node:timers/promises";

async function fetchPatiently(url, options) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, options);
    if (response.status !== ${subject.limitedStatuses[0]} || attempt === ${tries}) return response;
    const told = Number(response.headers.get("retry-after") ?? ${missingWait});
    if (told > ${patience}) return response;
    const backoff = 2 ** (attempt - 1);
    // Never less than told. A little more, so that not everybody comes back at once.
    await sleep((Math.max(told, backoff) + Math.random()) * 1000);
  }
}

const response = await fetchPatiently(${javascriptArguments(subject.example, subject)});
console.log(response.status, await response.text());`;
}

/** What `fetch` is given. */
function javascriptArguments(request: DocsRequest, subject: Subject): string {
  const { policy, credential } = subject;
  const url = quoted(urlOf(request, policy, credential), subject);
  const options = javascriptOptions(request, subject);
  return options === "{}" ? url : `${url}, ${options}`;
}

/** The options of `fetch`. */
export function javascriptOptions(request: DocsRequest, subject: Subject): string {
  const { method, body } = request;
  const headers = headersOf(request, subject.credential).map(
    ([name, value]) => `${javascriptKey(name)}: ${quoted(value, subject)}`,
  );
  const fields = [
    ...(method === "GET" ? [] : [`  method: ${JSON.stringify(method)},`]),
    ...(headers.length === 1 ? [`  headers: { ${headers[0]} },`] : []),
    ...(headers.length > 1 ? ["  headers: {", ...headers.map((header) => `    ${header},`), "  },"] : []),
    ...(body === undefined ? [] : [`  body: JSON.stringify(${javascriptLiteral(body, "  ")}),`]),
  ];
  return fields.length === 0 ? "{}" : `{\n${fields.join("\n")}\n}`;
}

/** A string literal; a template where the credential is in it. */
function quoted(text: string, { credential }: Subject): string {
  if (!text.includes(SECRET)) return JSON.stringify(text);
  const variable = `\${process.env.${credential?.variable}}`;
  const parts = text.split(SECRET).map((part) => part.replace(/[\\`$]/g, "\\$&"));
  return parts.every((part) => part === "") ? `process.env.${credential?.variable}` : `\`${parts.join(variable)}\``;
}
