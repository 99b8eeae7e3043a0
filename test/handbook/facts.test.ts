import { readFileSync } from "node:fs";
import { writeHandbook } from "@headgate/handbook";
import { loadPolicy, type Policy } from "@headgate/policy";
import { describe, expect, test } from "vitest";
import { policyFile } from "../systems/harness.ts";

/** What a page that the API published by hand said, in our words, and how the generated pages say it. */
type Facts = Readonly<Record<string, RegExp>>;

const LOGPROOF: Facts = {
  "limits are there so that everybody gets a share": /so that there is enough for everybody/,
  "API requests are counted per API key": /### Per API key\n[^#]*\| API endpoints \|/,
  "widget requests are counted per token":
    /### Per token\n[^#]*\| Widget endpoints \| Requests to `\/v1\/widget\/\*\*`/,
  "100 requests a minute for API endpoints": /\| API endpoints \|.*\| 100 requests per minute \|/,
  "120 requests a minute for widget endpoints": /\| Widget endpoints \|.*\| 120 requests per minute \|/,
  "a batch counts as one request, however many events it holds":
    /batch\S* counts as one request, however many it holds/,
  "every answer has the headers": /Every answer to a request that a limit applies to carries these headers/,
  "X-RateLimit-Limit is the most in the window": /`X-RateLimit-Limit` \| The most that the current window allows/,
  "X-RateLimit-Remaining is what is left of it":
    /`X-RateLimit-Remaining` \| What is left of that in the current window/,
  "Retry-After is in seconds, and on refusals only":
    /`Retry-After` \| How many whole seconds to wait .* Only on a refusal/,
  "an example has 100 and 95": /X-RateLimit-Limit: 100\nX-RateLimit-Remaining: 95\n/,
  "a refusal is a 429 with Retry-After, Remaining 0 and JSON":
    /HTTP\/1.1 429 Too Many Requests\nContent-Type: application\/json\nRetry-After: 45\nX-RateLimit-Limit: 100\nX-RateLimit-Remaining: 0\n/,
  "its body has type and message, with the seconds":
    /"error": \{\s+"type": "rate_limit_exceeded",\s+"message": "Rate limit exceeded. Please retry after 45 seconds."\s+\}/,
  "credentials are bearer tokens": /Authorization: Bearer \$API_KEY/,
  "use the batch endpoint": /curl https:\/\/api\.logproof\.com\/v1\/events\/batch/,
  "batches are shown in JavaScript and in Python":
    /fetch\("[^"]*\/v1\/events\/batch"[\s\S]*requests\.post\(\s+"[^"]*\/v1\/events\/batch"/,
  "answers may be cached for a minute": /such as a minute/,
  "If-None-Match with the ETag gives 304 if nothing has changed":
    /`If-None-Match`: if nothing has changed, the answer is `304 Not Modified`/,
  "webhooks instead of polling, for events and exports": /"event\.created", "export\.completed"/,
  "exponential backoff": /wait longer each time: 1 s, 2 s, 4 s, 8 s/,
  "watch the headers, and slow down below a tenth":
    /slow down when less than a tenth is left[\s\S]*remaining < limit \* 0\.1/,
  "ask support for more": /needs more, ask our support team/,
};

const INITIAL_STATE: Facts = {
  "3 calls a second for each account": /3 API calls a second for each account/,
  "measured in 10 second intervals": /measured in intervals of 10 seconds/,
  "30 of them may come in one second": /up to 30 calls may\s+come in one second/,
  "30 requests in 10 seconds, per account": /### Per account\n[^#]*\| 30 requests per 10 seconds \|/,
  "Individual and Business tiers alike": /No plan \| individual \| business \|\n.*\n.*\| 30 \| 30 \| 30 \|/,
  "all access keys of an account share it": /Limits per account: all its keys and tokens share one counter/,
  "200 KB for each call": /Requests to `\/api\/\*\*` \| 200 KB \|/,
  "every answer has the headers": /Every answer to a request that a limit applies to carries these headers/,
  "X-RateLimit-Limit is constant while the plan is":
    /`X-RateLimit-Limit` .*stays the same unless the limit or your plan changes/,
  "X-RateLimit-Remaining is what is left until then":
    /`X-RateLimit-Remaining` \| What is left .*until the next one begins/,
  "when the whole quota is there again": /begins the next window, with the whole quota/,
  "X-RateLimit-Reset is Unix time in seconds": /`X-RateLimit-Reset` \| .*Unix time: seconds since 1970/,
  "the example's reset is in the future of its time":
    /at `2026-01-01T12:00:00\.000Z`:[\s\S]*X-RateLimit-Reset: 1767268810/,
  "Retry-After is on refusals only": /`Retry-After` \| .*Only on a refusal/,
  "waiting Retry-After makes the next request succeed": /A caller that waits that long is admitted/,
  "one call carries many events": /takes many in one request/,
  "each with its own time, ISO 8601 or Unix epoch": /a time of its own, as ISO 8601 or as Unix epoch/,
  "20 events a call and 3 calls a second are 60 events a second":
    /20 events a call and 3 calls a second you\s+log 60 events every second/,
  "over the limit it is a 429": /HTTP\/1.1 429 Too Many Requests/,
  "and nothing is stored": /nothing of it was kept[\s\S]*Your data was not stored/,
  "who keeps exceeding is suspended": /100 refusals of one account within 10 minutes: suspended for 1 hour/,
  "10 events every second rather than 600 every minute": /10 items every second are better than 600 every minute/,
};

const KEYMINT: Facts = {
  "limits per source IP address": /### Per IP address\n[^#]*\| Requests from one source IP address/,
  "each access token has a limit of its own": /each token has a counter of its own.*none uses up another's/,
  "limits by endpoint besides": /### Per token and endpoint/,
  "validation and activation are limited more tightly":
    /Licence key activation \(`activation`\).*\| 5 requests per minute[\s\S]*Licence key validation \(`validation`\).*\| 5 requests per minute/,
  "than the rest": /\| Requests with one API access token \(`token`\) \|.*\| 10 requests per minute/,
  "all hold at once": /counts for every limit that applies to it, and is admitted only if all of them admit it/,
  "a refusal is a 429 with Retry-After 60":
    /HTTP\/1.1 429 Too Many Requests\nContent-Type: application\/json\nRetry-After: 60\n/,
  "its body has a message that differs by endpoint, and a code":
    /"message": "Too many activation attempts\. Please try again later\.",\s+"code": 3[\s\S]*"message": "Too many validation attempts\. Please try again later\.",\s+"code": 3/,
  "do not retry at once": /Do not ask again at once/,
  "1, 2, 4, 8 seconds, up to a maximum": /1 s, 2 s, 4 s, 8 s and so on, up to a maximum/,
  "look at your own patterns if refusals persist": /If you meet 429 often, you ask more often than you need to/,
  "cache, above all validation results": /the result of validating a licence key above all/,
  "batch where possible": /several things in one request/,
  "watch the headers": /X-RateLimit-Remaining[\s\S]*slow down/,
  "webhooks rather than polling": /Do not poll/,
};

const MEASURABL: Facts = {
  "unauthenticated: 50 in 5 minutes":
    /\| Unauthenticated requests \| Requests without a valid token.*\| 50 requests per 5 minutes \|/,
  "writes: 25 in 5 minutes":
    /\| Authenticated writes \| `POST`, `PUT`, `PATCH` and `DELETE` requests with a valid token.*\| 25 requests per 5 minutes \|/,
  "except on high-frequency endpoints: 100 in 5 minutes":
    /\| Authenticated high-frequency writes \| `POST`, .* energy, water and waste meters.*\| 100 requests per 5 minutes \|/,
  "reads on any endpoint: 500 in 5 minutes":
    /\| Authenticated reads \| `GET` and `HEAD` requests.*\| 500 requests per 5 minutes \|/,
  "regenerating a token: 25 in 5 minutes":
    /\| Regenerating an authentication token \|.*\| 25 requests per 5 minutes \|/,
  "a token is valid for 24 hours": /A token lives 24 hours/,
  "and one is enough for a day": /use it until then, rather than one for each request/,
  "methods and endpoints differ": /### Per account and endpoint/,
  "limits hold for each consumer": /Limits per account: all its keys and tokens share one counter/,
  "a refusal is a 429": /HTTP\/1.1 429 Too Many Requests/,
  "its body is JSON:API":
    /Content-Type: application\/vnd\.api\+json[\s\S]*"status": "429",\s+"title": "Too Many Requests",\s+"detail": "Rate Limit Exceeded"/,
  "the state is in the headers": /Every answer .* carries these headers/,
  "X-RateLimit-Limit is the most in the window": /`X-RateLimit-Limit` \| The most that the current window allows/,
  "X-RateLimit-Remaining may be negative": /`X-RateLimit-Remaining` \| .*Can be negative if you are over the quota/,
  "and is so in the refusal": /X-RateLimit-Remaining: -1\n/,
  "X-RateLimit-Reset is a time in UTC": /`X-RateLimit-Reset` \| .*ISO 8601 time in UTC, with microseconds/,
  "as in 2022-10-13T04:08:00.328125Z": /X-RateLimit-Reset: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/,
  "Retry-After is how long to wait, in seconds": /`Retry-After` \| How many whole seconds to wait/,
};

const PROLIFI: Facts = {
  "limits are per API key": /### Per API key/,
  "1,000 requests in a window of one minute": /\| 1,000 requests per minute \|/,
  "each key is counted by itself, also those of one merchant":
    /each API key has a counter of its own, also where an account has several/,
  "every answer has the headers": /Every answer to a request that a limit applies to carries these headers/,
  "X-RateLimit-Limit is the most in the window": /`X-RateLimit-Limit` \| The most that the current window allows/,
  "X-RateLimit-Remaining is what is left": /`X-RateLimit-Remaining` \| What is left/,
  "a 429 has Retry-After besides":
    /HTTP\/1.1 429 Too Many Requests\nContent-Type: application\/json\nRetry-After: \d+\n/,
  "in seconds": /`Retry-After` \| How many whole seconds to wait/,
  "its body has type and message":
    /"type": "rate_limit_error",\s+"message": "Too many requests\. Please retry after the rate limit resets\."/,
  "watch what remains": /slow down when less than a tenth is left/,
  "wait Retry-After, not less": /Wait as many seconds as `Retry-After` says: not less/,
  "do not retry at once": /Do not ask again at once/,
  "exponential backoff": /wait longer each time/,
  "batch usage events at POST /events/batch": /`POST \/events\/batch` takes many in one request, up to 1,000 events/,
};

/** What is on no page may not be sent, and should not be told of. */
const NOT_SENT: Readonly<Record<string, RegExp>> = {
  logproof: /X-RateLimit-Reset|RateLimit-Policy/,
  prolifi: /X-RateLimit-Reset|RateLimit-Policy/,
  measurabl: /RateLimit-Policy/,
};

describe.each([
  { name: "logproof", facts: LOGPROOF },
  { name: "initial-state", facts: INITIAL_STATE },
  { name: "keymint", facts: KEYMINT },
  { name: "measurabl", facts: MEASURABL },
  { name: "prolifi", facts: PROLIFI },
])("the pages of $name say", ({ name, facts }) => {
  const { policy } = loadPolicy(readFileSync(policyFile(name), "utf8"));
  const text = writeHandbook(policy as Policy)
    .pages.map(({ markdown }) => markdown)
    .join("\n");

  test.each(Object.entries(facts))("%s", (_, pattern) => {
    expect(text).toMatch(pattern);
  });

  test.runIf(name in NOT_SENT)("nothing of headers that are not sent", () => {
    expect(text).not.toMatch(NOT_SENT[name] as RegExp);
  });
});
