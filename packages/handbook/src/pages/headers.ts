import type { ResetFormat } from "@headgate/core";
import { blocks, code, fenced, table } from "../markdown.ts";
import type { PagePlan } from "../page.ts";
import { curlRequest } from "../samples/curl.ts";
import { headerLines } from "../staged/http-text.ts";
import { callersWithCredential, requestFor } from "../staged/request-for.ts";
import { STAGED_AT } from "../staged/stage.ts";
import type { Subject } from "../subject.ts";

export const HEADERS_PAGE: PagePlan = {
  name: "headers",
  title: "Rate-limit headers",
  summary: "The headers that tell you where you stand, and how to read them.",
  sections: [
    { id: "headers", write: headers },
    { id: "headers-example", heading: "Example", write: example },
  ],
};

function headers(subject: Subject): string | undefined {
  if (subject.limits.length === 0) return undefined;
  const { style, reset } = subject.policy.responses.headers;
  const rows = [
    ...(style === "x-ratelimit" || style === "both" ? xRateLimit(subject, reset) : []),
    ...(style === "ratelimit" || style === "both" ? RATELIMIT : []),
    ...retryAfter(subject),
  ];
  const onEvery =
    "Every answer to a request that a limit applies to carries these headers, whatever its status: also errors, `304` and refusals.";
  return blocks(
    style === "none" ? "Answers do not say how much of a quota is left." : onEvery,
    rows.length > 0 && table(["Header", "Meaning"], rows),
    style !== "ratelimit" && style !== "none" && subject.limits.length > 1 && BINDING,
  );
}

const BINDING =
  "Where several limits apply, the `X-RateLimit-*` headers speak of one of them: the one with the least left of its " +
  "quota or, on a refusal, the one to wait longest for.";

function xRateLimit(subject: Subject, reset: ResetFormat): string[][] {
  const { limits } = subject;
  const goesBelow = limits.some(({ limit }) => limit.countRejected);
  return [
    ["`X-RateLimit-Limit`", `The most that the current window allows.${constancy(subject)}`],
    [
      "`X-RateLimit-Remaining`",
      `What is left of that in the current window${goesBelow ? ". Can be negative if you are over the quota." : ", until the next one begins."}`,
    ],
    ...(reset === "none" ? [] : [["`X-RateLimit-Reset`", `When the whole quota is there again, ${RESETS[reset]}.`]]),
  ];
}

/** Said where whoever has a credential meets one limit and no other: else each answer may speak of another one. */
function constancy({ limits, policy, example, credential }: Subject): string {
  const callers = callersWithCredential(policy);
  const met = limits.filter((limit) => requestFor(policy, limit, example, callers) !== undefined);
  if (met.length !== 1) return "";
  const who = limits.length === 1 || !credential ? "It" : `With a valid ${credential.label} it`;
  return ` ${who} stays the same unless the limit${policy.plans.length === 0 ? "" : " or your plan"} changes.`;
}

const RESETS: Readonly<Record<Exclude<ResetFormat, "none">, string>> = {
  "epoch-seconds": "as Unix time: seconds since 1970, in UTC",
  "epoch-ms": "as milliseconds since 1970, in UTC",
  "iso-8601": "as an ISO 8601 time in UTC, with microseconds",
  "delta-seconds": "in seconds from now",
};

const RATELIMIT = [
  [
    "`RateLimit-Policy`",
    "Every limit that applies, by name: its quota `q` and its window `w` in seconds; the unit `qu`, where it is not requests.",
  ],
  ["`RateLimit`", "What is left of each, `r`, and in how many seconds the whole quota is there again, `t`."],
];

function retryAfter({ policy }: Subject): string[][] {
  const { retryAfter } = policy.responses;
  if (retryAfter === "never") return [];
  const meaning =
    retryAfter === "limited"
      ? "How many whole seconds to wait before you ask again. Only on a refusal. A caller that waits that long is admitted, unless others that share its counter were faster."
      : `How many seconds to wait before you ask again: always ${retryAfter.constantSeconds}. Only on a refusal.`;
  return [["`Retry-After`", meaning]];
}

function example(subject: Subject): string | undefined {
  const sent = subject.stage.answer();
  if (sent.length === 0) return undefined;
  const { style, reset } = subject.policy.responses.headers;
  const isAbsolute = style !== "ratelimit" && reset !== "none" && reset !== "delta-seconds";
  return blocks(
    fenced("sh", curlRequest(subject.example, subject, "-i")),
    `Its answer has, for example${isAbsolute ? ` at ${code(new Date(STAGED_AT).toISOString())}` : ""}:`,
    fenced("http", headerLines(sent)),
  );
}
