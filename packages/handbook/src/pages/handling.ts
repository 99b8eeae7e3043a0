import { blocks, code, fenced, list } from "../markdown.ts";
import type { PagePlan } from "../page.ts";
import { curlRetry } from "../samples/curl.ts";
import { javascriptRetry } from "../samples/javascript.ts";
import { requestsRetry, urllibRetry } from "../samples/python.ts";
import { retryPlanFor } from "../samples/retry-plan.ts";
import type { Subject } from "../subject.ts";
import { allowance } from "../words/allowance.ts";
import { limitLabel } from "../words/limit-label.ts";
import { enumeration, number } from "../words/quantity.ts";
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
  const { limits, policy, limitedStatus } = subject;
  if (limits.length === 0) return undefined;
  const { tries, patience } = retryPlanFor(subject);
  const long = limits.filter(({ limit }) => limit.windowMs > patience * 1000);
  const counted = limits.some(({ limit }) => limit.countRejected);
  return list([
    `Do not ask again at once${counted ? ": refused requests count too" : ""}.`,
    ...told(subject),
    "If you are refused again, wait longer each time: 1 s, 2 s, 4 s, 8 s and so on, up to a maximum. Of this and what you are told, take the longer.",
    "Add a little time at random, on top and never below, so that not all of your processes come back at the same moment.",
    `Give up after a few tries, such as ${tries}, and let your own callers know.`,
    ...(long.length > 0
      ? [
          `A refusal by ${enumeration(
            long.map((limit) => limitLabel(limit, policy)),
            "or",
          )} can last longer than anybody should wait: give up at once where you are told so.`,
        ]
      : []),
    `If you meet ${limitedStatus} often, you ask more often than you need to: see what can be left out, [batched](batching.md) or [cached](caching.md).`,
  ]);
}

function told({ policy }: Subject): string[] {
  const { retryAfter, headers } = policy.responses;
  if (retryAfter === "never") {
    return headers.style === "none" || headers.reset === "none"
      ? ["Wait until the window is over that your first request began."]
      : ["Wait until the time in `X-RateLimit-Reset`."];
  }
  const constant = typeof retryAfter === "string" ? "" : `, which is always ${number(retryAfter.constantSeconds)}`;
  return [`Wait as many seconds as ${code("Retry-After")} says${constant}: not less, which is a refusal for certain.`];
}

function samples(subject: Subject): string | undefined {
  const { limits, credential } = subject;
  if (limits.length === 0) return undefined;
  const plan = retryPlanFor(subject);
  return blocks(
    `Each makes a request, at most ${plan.tries} times, and waits as told in between; told to wait longer than ` +
      `${number(plan.patience)} seconds, it gives up.${credential ? ` Your ${credential.label} is in the environment, as ${code(credential.variable)}.` : ""}`,
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
  const rates = stage.limits.filter(({ limit }) => limit.algorithm !== "concurrency" && !limit.calendar);
  if (rates.length === 0) return undefined;
  const points = rates.map((rate) => {
    const { limit } = rate;
    return `${limitLabel(rate, policy)}: ${allowance(rate, limit)} are ${evenly(limit.quota, limit.windowMs)}.`;
  });
  return blocks(
    "You may use a whole quota at once, and then have nothing until the window ends. Requests that come evenly are never refused:",
    list(points),
    batch && "The same goes for batches: 10 items every second are better than 600 every minute.",
  );
}

/** `3 a second`, or `one every 600 ms`. */
function evenly(quota: number, windowMs: number): string {
  const perSecond = (quota * 1000) / windowMs;
  if (Number.isInteger(perSecond)) return `${number(perSecond)} a second`;
  const everyMs = windowMs / quota;
  return everyMs >= 1000
    ? `one every ${number(Math.ceil(everyMs / 100) / 10)} seconds`
    : `one every ${number(Math.ceil(everyMs))} ms`;
}
