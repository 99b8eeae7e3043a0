import type { HeaderFormat } from "@headgate/core";
import type { PolicyLimit } from "@headgate/policy";
import { longestWaitMs } from "../longest-wait.ts";
import { blocks, code, fenced, list } from "../markdown.ts";
import type { PagePlan } from "../page.ts";
import { curlRetry } from "../samples/curl.ts";
import { javascriptRetry } from "../samples/javascript.ts";
import { requestsRetry, urllibRetry } from "../samples/python.ts";
import { retryPlanFor } from "../samples/retry-plan.ts";
import type { Subject } from "../subject.ts";
import { allowance } from "../words/allowance.ts";
import { anyOfLimits, limitLabel } from "../words/limit-label.ts";
import { enumeration, number, quantity } from "../words/quantity.ts";
import { duration } from "../words/window.ts";
import { watching } from "./watching.ts";

export const HANDLING_PAGE: PagePlan = {
  name: "handling",
  title: "Handling limits",
  summary: "How to wait as told, with samples that do, and how to stay below the limits in the first place.",
  sections: [
    { id: "waiting", heading: "When you are refused", write: waiting },
    { id: "samples", heading: "Samples", write: samples },
    { id: "watching", heading: "Slow down before you are refused", write: watching },
    { id: "spreading", heading: "Spread your requests", write: spreading },
  ],
};

function waiting(subject: Subject): string | undefined {
  const { limits, policy, limitedStatuses } = subject;
  if (limits.length === 0) return undefined;
  const { tries, patience } = retryPlanFor(subject);
  const long = limits.filter((limit) => longestWaitMs(limit) > patience * 1000);
  const counted = limits.some(({ limit }) => limit.countRejected);
  return list([
    `Do not ask again at once${counted ? ": refused requests count too" : ""}.`,
    told(subject),
    "If you are refused again, wait longer each time: 1 s, 2 s, 4 s, 8 s and so on, up to a maximum. Of this and what you are told, take the longer.",
    "Add a little time at random, on top and never below, so that not all of your processes come back at the same moment.",
    `Give up after a few tries, such as ${tries}, and let your own callers know.`,
    ...(long.length > 0
      ? [
          `A refusal by ${anyOfLimits(long, policy)} can last much longer. When it would take more than ${duration(patience * 1000)}, give up at once.`,
        ]
      : []),
    `If you meet ${enumeration(limitedStatuses.map(String), "or")} often, you ask more often than you need to: see what can be left out, [batched](batching.md) or [cached](caching.md).`,
  ]);
}

function told({ policy }: Subject): string {
  const { retryAfter, headers } = policy.responses;
  if (retryAfter === "never") return toldBy(headers);
  if (retryAfter === "limited") {
    return "Wait as many seconds as `Retry-After` says: not less, or you are sure to be refused again.";
  }
  return `Wait as many seconds as \`Retry-After\` says, which is always ${number(retryAfter.constantSeconds)}.`;
}

/** How long to wait, where no `Retry-After` says so. */
function toldBy({ style, reset }: HeaderFormat): string {
  if (style === "none" || (style === "x-ratelimit" && reset === "none")) {
    return "Wait until the [window](index.md) is over.";
  }
  if (style === "ratelimit" || reset === "none")
    return "Wait as many seconds as `t` in `RateLimit` says of the limit with nothing left.";
  return reset === "delta-seconds"
    ? "Wait as many seconds as `X-RateLimit-Reset` says."
    : "Wait until the time in `X-RateLimit-Reset`.";
}

function samples(subject: Subject): string | undefined {
  const { limits, credential, policy } = subject;
  if (limits.length === 0) return undefined;
  const plan = retryPlanFor(subject);
  const waits =
    policy.responses.retryAfter === "never"
      ? `waits ${number(plan.missingWait)} seconds in between`
      : `waits as told in between; told to wait longer than ${number(plan.patience)} seconds, it gives up`;
  return blocks(
    `Each makes a request, at most ${plan.tries} times, and ${waits}.${credential ? ` Your ${credential.label} is in the environment, as ${code(credential.variable)}.` : ""}`,
    "### curl",
    fenced("bash", curlRetry(subject, plan)),
    "### JavaScript",
    fenced("js", javascriptRetry(subject, plan)),
    "### Python, with requests",
    fenced("python", requestsRetry(subject, plan)),
    "### Python, with nothing else",
    fenced("python", urllibRetry(subject, plan)),
  );
}

/** How the quotas of the example request look when they are spread evenly. */
function spreading({ stage, policy, batch }: Subject): string | undefined {
  const points = stage.limits.flatMap((policyLimit) => {
    const rate = evenly(policyLimit);
    return rate === undefined
      ? []
      : [`${limitLabel(policyLimit, policy)}: ${allowance(policyLimit, policyLimit.limit)}, which is ${rate}.`];
  });
  if (points.length === 0) return undefined;
  return blocks(
    "A quota that is used all at once leaves nothing for a while. Requests that come evenly stay within it:",
    list(points),
    batch && "The same goes for batches: 10 items every second are better than 600 every minute.",
  );
}

/** `3 requests a second`, or `one request every 600 ms`; undefined where a caller cannot tell how often it may ask. */
function evenly({ limit, per, cost, charge }: PolicyLimit): string | undefined {
  if (limit.algorithm === "concurrency" || limit.calendar || per.length === 0) return undefined;
  if (cost.kind !== "units" || charge) return undefined;
  const perSecond = (limit.quota * 1000) / (limit.windowMs * cost.units);
  if (Number.isInteger(perSecond)) return `${quantity(perSecond, "request")} a second`;
  const everyMs = (limit.windowMs * cost.units) / limit.quota;
  return everyMs >= 1000
    ? `one request every ${number(Math.ceil(everyMs / 100) / 10)} seconds`
    : `one request every ${number(Math.ceil(everyMs))} ms`;
}
