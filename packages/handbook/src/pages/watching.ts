import { blocks, fenced } from "../markdown.ts";
import { curlRequest } from "../samples/curl.ts";
import { javascriptRequest } from "../samples/javascript.ts";
import { pythonRequest } from "../samples/python.ts";
import type { Subject } from "../subject.ts";

/** How to see from the headers that a refusal is near; undefined where answers have none. */
export function watching(subject: Subject): string | undefined {
  const { style } = subject.policy.responses.headers;
  if (style === "none" || subject.limits.length === 0) return undefined;
  const advice =
    "Read the [headers](headers.md) of each answer, and slow down when less than a tenth is left of a quota";
  if (style === "ratelimit")
    return `${advice}: when \`r\` in \`RateLimit\` is below a tenth of \`q\` in \`RateLimit-Policy\`.`;
  const isSent = subject.stage.answer().length > 0;
  return blocks(
    `${advice}: leave out what can wait, ${subject.batch ? "batch the rest, " : ""}or pause.`,
    isSent && fenced("sh", `${curlRequest(subject.example, subject, "-sS -o /dev/null -D -")} | grep -i x-ratelimit`),
    isSent && fenced("js", javascript(subject)),
    isSent && fenced("python", python(subject)),
  );
}

function javascript(subject: Subject): string {
  return `${javascriptRequest(subject.example, subject)}
const limit = Number(response.headers.get("x-ratelimit-limit"));
const remaining = Number(response.headers.get("x-ratelimit-remaining"));
if (remaining < limit * 0.1) console.warn(\`only \${remaining} of \${limit} requests are left\`);`;
}

function python(subject: Subject): string {
  return `${pythonRequest(subject.example, subject)}
limit = int(response.headers["X-RateLimit-Limit"])
remaining = int(response.headers["X-RateLimit-Remaining"])
if remaining < limit * 0.1:
    print(f"only {remaining} of {limit} requests are left")`;
}
