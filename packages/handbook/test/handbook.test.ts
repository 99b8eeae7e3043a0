import type { Policy } from "@headgate/policy";
import { describe, expect, test } from "vitest";
import { writeHandbook } from "../src/index.ts";
import { policyNamed, policyOf, SYSTEMS } from "./policy-of.ts";

function page(policy: Policy, name: string, texts?: Parameters<typeof writeHandbook>[1]): string {
  return writeHandbook(policy, texts).pages.find((page) => page.name === name)?.markdown ?? "";
}

/** The table of limits and how they are counted, for a policy of these limits. */
function limitsPage(limits: string): string {
  return page(policyOf(`callers: { api-key: { bearer: k_ } }\nlimits:\n${limits}`), "index");
}

test("quotas of plans are told where callers can have a plan, and nowhere else", () => {
  const pagesUnder = (credentials: string): string =>
    writeHandbook(
      policyOf(`credentials: ${credentials}
callers: { api-key: { bearer: k_ } }
limits: [{ name: a, per: api-key, quota: 7, window: 1m, plans: { pro: { quota: 1234 } } }]`),
    )
      .pages.map(({ markdown }) => markdown)
      .join("");
  expect(pagesUnder("managed")).toMatch(/1,234[\s\S]*Other \[plans\]/);
  expect(pagesUnder("presented")).not.toMatch(/1,234|## Plans|Other \[?plans/);
});

describe("the limits", () => {
  test.each([
    { fields: "quota: 1, window: 1s", says: "1 request per second" },
    { fields: "quota: 25, window: 5m", says: "25 requests per 5 minutes" },
    {
      fields: "quota: 1000000, window: day, timezone: Europe/Berlin",
      says: "1,000,000 requests per calendar day (Europe/Berlin)",
    },
    { fields: "quota: 7, window: 1d", says: "7 requests per 24 hours" },
    { fields: "quota: 7, window: 90m", says: "7 requests per 90 minutes" },
    { fields: "quota: 7, window: 1500ms", says: "7 requests per 1,500 milliseconds" },
    {
      fields: "quota: 10, window: 1m, algorithm: token-bucket, burst: 20",
      says: "10 requests per minute, at most 20 at once",
    },
    { fields: "quota: 4, algorithm: concurrency", says: "4 requests at once" },
    { fields: "quota: 4096, window: 1h, cost: bytes", says: "4,096 bytes per hour" },
    { fields: "quota: 50, window: 1h, cost: { items: /events }", says: "50 items per hour" },
  ])("are told in words: $says", ({ fields, says }) => {
    expect(limitsPage(`- { name: a, per: api-key, ${fields} }`)).toContain(`| ${says} |`);
  });

  test.each([
    { match: "", says: "Every request" },
    { match: "match: { path: [/a, /b/*] }", says: "Requests to `/a` or `/b/*`" },
    {
      match: "match: { methods: [POST, PUT], authenticated: true }",
      says: "`POST` and `PUT` requests with a valid API key",
    },
    { match: "match: { authenticated: false }", says: "Requests without a valid API key" },
    { match: "match: { plan: [free, trial] }", says: "Requests on the plan free or trial" },
    {
      match: "match: { headers: { x-beta: true, accept: text/* } }",
      says: "Requests with the headers `x-beta` and `accept: text/*`",
    },
    { match: "match: { not: { path: /x } }", says: "Every request, except those to `/x`" },
    { match: "match: { path: /a/**, not: { methods: GET } }", says: "Requests to `/a/**`, except `GET` requests" },
  ])("say which requests they are for: $says", ({ match, says }) => {
    expect(limitsPage(`- { name: a, per: ip, quota: 1, window: 1m${match && `, ${match}`} }`)).toContain(
      `| \`a\` | ${says} |`,
    );
  });

  test("are in a table for each that is counted", () => {
    const text = limitsPage(
      "- { name: a, per: api-key, quota: 1, window: 1m }\n- { name: b, per: [ip, endpoint], quota: 1, window: 1m }\n- { name: c, per: [], quota: 9, window: 1m }",
    );
    expect([...text.matchAll(/^### (.*)/gm)].map(([, heading]) => heading)).toEqual([
      "Per API key",
      "Per IP address and endpoint",
      "For all callers together",
    ]);
  });

  test("that are only tried out are told to nobody", () => {
    const policy = policyOf(
      "limits: [{ name: real, per: ip, quota: 5, window: 1m }, { name: ghost, per: ip, quota: 2, window: 1h, mode: shadow }]",
    );
    const text = writeHandbook(policy)
      .pages.map(({ markdown }) => markdown)
      .join();
    expect(text).toContain("real");
    expect(text).not.toMatch(/ghost|per hour/);
  });

  test.each(["limits: []", "limits: [{ name: ghost, per: ip, quota: 2, window: 1h, mode: shadow }]"])(
    "may be none, and then nothing is said of headers and refusals: %s",
    (limits) => {
      const { pages } = writeHandbook(policyOf(limits));
      expect(pages.map(({ markdown }) => markdown)).toEqual([
        "# Rate limits\n\n## Limits\n\nThere are no limits on how often you may ask.\n",
      ]);
    },
  );

  test("explain stars and braces where patterns have them", () => {
    const explained = "`*` stands for any one part of it";
    expect(limitsPage("- { name: a, match: { path: /a/** }, per: ip, quota: 1, window: 1m }")).toContain(explained);
    expect(limitsPage("- { name: a, match: { path: /a }, per: ip, quota: 1, window: 1m }")).not.toContain(explained);
  });
});

describe("how requests are counted", () => {
  test.each([
    { fields: "quota: 9, window: 1m", says: "begins with your first request" },
    { fields: "quota: 9, window: 1m, align: clock", says: "Windows begin on the clock" },
    { fields: "quota: 9, window: month", says: "The window is a calendar month (UTC)" },
    { fields: "quota: 9, window: 1m, algorithm: sliding-window", says: "The window slides" },
    { fields: "quota: 9, window: 1m, algorithm: token-bucket", says: "The quota refills evenly" },
    { fields: "quota: 9, algorithm: concurrency", says: "requests under way at the same time" },
    { fields: "quota: 9, window: 1m, count-rejected: true", says: "Refused requests count too" },
    { fields: "quota: 9, window: 1m, cost: 3", says: "a request costs 3 units" },
    { fields: "quota: 9, window: 1m, cost: bytes", says: "A request for more than the whole quota is answered 413" },
    {
      fields: "quota: 9, window: 1m, cost: bytes, algorithm: token-bucket",
      says: "for more than may be used at once is",
    },
    { fields: "quota: 9, window: 1m, refund: { status: [304, 5xx] }", says: "the status `304` or `5xx` cost nothing" },
    { fields: "quota: 9, window: 1m, charge: { status: 401 }", says: "only answers with the status `401` count" },
    { fields: "quota: 9, window: 1m, cost: { response-header: x-cost }", says: "`x-cost` header says how many units" },
  ])("$fields: $says", ({ fields, says }) => {
    expect(limitsPage(`- { name: a, per: ip, ${fields} }`)).toContain(says);
  });
});

test("windows that differ are told one by one", () => {
  const text = limitsPage(
    "- { name: a, per: ip, quota: 1, window: 1m, align: clock }\n- { name: b, per: ip, quota: 1, window: 1h, align: clock }\n- { name: c, per: ip, quota: 1, window: day }\n- { name: d, per: ip, quota: 1, window: month }",
  );
  expect(text).toMatch(
    /one of 1 minute every 1 minute[\s\S]*`b`: windows[\s\S]*1 hour[\s\S]*`c`: [\s\S]*day[\s\S]*`d`: [\s\S]*month/,
  );
});

test.each([
  { caller: "api-key: { bearer: true }", shown: "API key in `Authorization` as a bearer token." },
  { caller: "api-key: { bearer: [a_, b_] }", shown: "as a bearer token that begins with `a_` or `b_`." },
  {
    caller: "tenant: { header: X-Tenant, query: tenant }",
    shown: "`tenant` in the header `X-Tenant` or in the query parameter `tenant`.",
  },
  { caller: "account: { cookie: acc }", shown: "share one counter. A request shows its account in the cookie `acc`." },
  {
    caller: "user: { jwt-claim: sub, jwks: keys.json }",
    shown: "`user` in the claim `sub` of the JWT that is",
  },
])("it is told where a request shows who is counted: $caller", ({ caller, shown }) => {
  const [name] = caller.split(":", 1);
  const policy = policyOf(`callers: { ${caller} }\nlimits: [{ name: a, per: ${name}, quota: 9, window: 1m }]`);
  expect(page(policy, "index")).toContain(shown);
});

test("it is told where a request shows the credential of an account", () => {
  const policy = policyOf(
    "credentials: managed\ncallers: { api-key: { header: x-key } }\nlimits: [{ name: a, per: account, quota: 9, window: 1m }]",
  );
  expect(page(policy, "index")).toContain("share one counter. A request shows its API key in the header `x-key`.");
});

test("endpoints that no limit by endpoint is about are not told as if they were counted", () => {
  const policy = policyOf(
    "endpoints: { own: [POST /own], others: [/others/*, PUT /more] }\nlimits: [{ name: a, match: { not: { endpoint: own }, methods: [PUT] }, per: [ip, endpoint], quota: 9, window: 1m }]",
  );
  expect(page(policy, "index")).toContain("each of these 2 has a counter of its own");
  expect(page(policy, "index")).not.toContain("| `POST /own` |");
  expect(page(policy, "index")).toContain("All other paths together are one.");
  const ofGroup = policyOf(
    "endpoints: { own: [POST /own] }\nlimits: [{ name: a, match: { endpoint: own }, per: [ip, endpoint], quota: 9, window: 1m }]",
  );
  expect(page(ofGroup, "index")).not.toContain("All other paths");
});

test("endpoints of an OpenAPI file are told by path template, with the tag that they have", () => {
  const api = {
    openapi: "3.1.0",
    paths: { "/things/{id}": { get: { operationId: "readThing", tags: ["things"] }, put: { tags: ["things"] } } },
  };
  const policy = policyOf(
    "endpoints: { openapi: api.json }\nlimits: [{ name: a, match: { endpoint: readThing }, per: [ip, endpoint], quota: 9, window: 1m }]",
    JSON.stringify(api),
  );
  expect(page(policy, "index")).toContain("| Requests to `GET /things/{id}` |");
  expect(page(policy, "index")).toContain("\n| Endpoint | Group |\n| --- | --- |\n| `/things/{id}` | things |\n");
});

describe("headers and refusals", () => {
  test.each([
    { headers: "{ style: x-ratelimit, reset: none }", sent: "X-RateLimit-Limit: 9\nX-RateLimit-Remaining: 4\n```" },
    { headers: "{ style: x-ratelimit, reset: epoch-ms }", sent: "X-RateLimit-Reset: 1767268860000\n" },
    { headers: "{ style: x-ratelimit, reset: delta-seconds }", sent: "X-RateLimit-Reset: 60\n" },
    { headers: "{ style: ratelimit }", sent: 'RateLimit-Policy: "a";q=9;w=60\nRateLimit: "a";r=4;t=60\n' },
  ])("are shown as the engine sends them: $headers", ({ headers, sent }) => {
    const policy = policyOf(`responses: { headers: ${headers} }\nlimits: [{ name: a, per: ip, quota: 9, window: 1m }]`);
    expect(page(policy, "headers")).toContain(sent);
  });

  test.each([
    { limits: "{ name: a, per: api-key, quota: 9, window: 1m }", says: "It stays the same unless the limit changes." },
    {
      limits:
        "{ name: a, per: api-key, quota: 9, window: 1m }, { name: b, match: { authenticated: false }, per: ip, quota: 8, window: 1m }",
      says: "With a valid API key it stays the same unless the limit changes.",
    },
    {
      limits:
        "{ name: a, per: api-key, quota: 9, window: 1m }, { name: b, match: { path: /b }, per: ip, quota: 8, window: 1m }",
    },
    {
      limits:
        "{ name: a, match: { methods: GET }, per: api-key, quota: 9, window: 1m }, { name: b, match: { methods: POST }, per: api-key, quota: 8, window: 1m }",
    },
    { limits: "{ name: a, per: api-key, quota: 9, window: 1m }, { name: b, per: user, quota: 8, window: 1m }" },
  ])("say that the limit stays the same where a caller meets no other: $limits", ({ limits, says }) => {
    const text = page(
      policyOf(`callers: { api-key: { bearer: true }, user: { cookie: user } }\nlimits: [${limits}]`),
      "headers",
    );
    expect(text.includes("stays the same")).toBe(says !== undefined);
    expect(text).toContain(says ?? "");
  });

  test.each(["cost: bytes", "cost: { items: /events }", "cost: bytes, algorithm: token-bucket, burst: 5"])(
    "show the refusal of what asks for more than there ever is: %s",
    (cost) => {
      const policy = policyOf(`limits: [{ name: a, per: ip, quota: 1000000, window: 1h, ${cost} }]
responses: { too-large: { status: 413, body: { custom: too big } } }`);
      const text = page(policy, "refusals");
      expect(text).toMatch(
        /## A body that is too large\n\nA request that asks for more than \*\*`a`\*\* allows at once is never admitted:\n\n```http\nHTTP\/1\.1 413 /,
      );
      expect(text).toMatch(/HTTP\/1\.1 413 [^`]*"custom": "too big"/);
      expect(text).not.toMatch(/HTTP\/1\.1 413 [^`]*Retry-After/);
    },
  );

  test("are none where none are sent", () => {
    const policy = policyOf(
      "responses: { headers: { style: none }, retry-after: never }\nlimits: [{ name: a, per: ip, quota: 9, window: 1m }]",
    );
    const all = writeHandbook(policy)
      .pages.map(({ markdown }) => markdown)
      .join();
    expect(page(policy, "headers")).toContain("Answers do not say how much of a quota is left.");
    expect(all).not.toMatch(/^(X-RateLimit|RateLimit|Retry-After)/m);
  });

  test.each([
    { fields: "quota: 2, window: 1m", sent: "X-RateLimit-Limit: 2\nX-RateLimit-Remaining: 0\n" },
    { fields: "quota: 4, algorithm: concurrency", sent: "X-RateLimit-Limit: 4\nX-RateLimit-Remaining: 3\n" },
  ])("an example is of an admitted request, however few there may be: $fields", ({ fields, sent }) => {
    expect(page(policyOf(`limits: [{ name: a, per: ip, ${fields} }]`), "headers")).toContain(sent);
  });

  test("each status that refusals have is named, that of the example's first", () => {
    const policy = policyOf(
      "limits: [{ name: a, per: ip, quota: 9, window: 1m, response: { status: 503 } }, { name: b, per: ip, quota: 9, window: month }]",
    );
    expect(page(policy, "refusals")).toContain("A request over a limit is answered 503 or 429.");
    expect(page(policy, "handling")).toContain("if (response.status !== 503 ");
  });

  test.each(["fixed-window", "sliding-window", "token-bucket", "concurrency"])(
    "a refusal is staged for %s",
    (algorithm) => {
      const window = algorithm === "concurrency" ? "" : ", window: 1m";
      const policy = policyOf(`limits: [{ name: a, per: ip, quota: 9, algorithm: ${algorithm}${window} }]`);
      expect(page(policy, "refusals")).toMatch(
        /HTTP\/1\.1 429 Too Many Requests\n[^`]*Retry-After: \d+\n[^`]*X-RateLimit-Remaining: 0\n/,
      );
    },
  );

  test("a refused request shows on the limits that are as long, and not on shorter ones", () => {
    const policy = policyOf(
      "limits: [{ name: small, per: ip, quota: 5, window: 1m }, { name: large, per: ip, quota: 50, window: 1h }, { name: short, per: ip, quota: 50, window: 1s }]",
    );
    expect(page(policy, "refusals")).toMatch(/RateLimit: "small";r=0;t=45, "large";r=45;t=3585, "short";r=50;t=1\n/);
  });
});

describe("how to handle limits", () => {
  const handling = (fields: string) => page(policyOf(fields), "handling");

  test.each([
    { responses: "retry-after: 60", says: "`Retry-After` says, which is always 60." },
    { responses: "retry-after: never", says: "Wait until the time in `X-RateLimit-Reset`." },
    {
      responses: "retry-after: never, headers: { style: x-ratelimit, reset: delta-seconds }",
      says: "Wait as many seconds as `X-RateLimit-Reset` says.",
    },
    {
      responses: "retry-after: never, headers: { style: ratelimit }",
      says: "Wait as many seconds as `t` in `RateLimit`",
    },
    { responses: "retry-after: never, headers: { style: none }", says: "Wait until the [window](index.md) is over." },
  ])("names what answers tell of the wait: $responses", ({ responses, says }) => {
    expect(handling(`responses: { ${responses} }\nlimits: [{ name: a, per: ip, quota: 9, window: 1m }]`)).toContain(
      says,
    );
  });

  test.each([
    { fields: "per: ip, quota: 30, window: 10s", says: "30 requests per 10 seconds, which is 3 requests a second." },
    { fields: "per: ip, quota: 9, window: 1m, cost: 2", says: "which is one request every 13.4 seconds." },
    { fields: "per: ip, quota: 9000, window: 1m, cost: bytes" },
    { fields: "per: [], quota: 9, window: 1m" },
    { fields: "per: ip, quota: 9, window: 1m, charge: { status: 401 }" },
  ])("spreads requests where a caller can tell how: $fields", ({ fields, says }) => {
    const text = handling(`limits: [{ name: a, ${fields} }]`);
    expect(text.includes("## Spread your requests")).toBe(says !== undefined);
    expect(text).toContain(says ?? "");
  });

  test.each([
    { callers: "user: { cookie: session }", sample: "f\"session={os.environ['MY_USER']}\"" },
    { callers: "path: { header: x-path }", sample: '"x-path": os.environ["MY_PATH"]' },
    { callers: "user: { jwt-claim: sub, jwks: keys.json }", sample: "f\"Bearer {os.environ['JWT']}\"" },
  ])("samples take the credential from a variable of their own: $callers", ({ callers, sample }) => {
    const text = handling(`callers: { ${callers} }\nlimits: [{ name: a, per: ip, quota: 9, window: 1m }]`);
    expect(text).toContain(sample);
  });

  test.each([
    { fields: "quota: 3, window: 1m, algorithm: sliding-window", seconds: 120 },
    { fields: "quota: 3, window: 1h, algorithm: sliding-window", seconds: 7200 },
    { fields: "quota: 1, window: 1m, algorithm: token-bucket, burst: 5, cost: 3", seconds: 180 },
    { fields: "quota: 10, window: 1m, algorithm: token-bucket, burst: 50, cost: bytes", seconds: 300 },
    { fields: "quota: 3, algorithm: concurrency, hold: 5m", seconds: 300 },
    { fields: "quota: 3, window: 1s", seconds: 60 },
    { fields: "quota: 3, window: day", seconds: 60, isLonger: true },
  ])("samples wait as long as a limit can ask for: $fields", ({ fields, seconds, isLonger = false }) => {
    const text = handling(`limits: [{ name: a, per: ip, ${fields} }]`);
    expect(text).toContain(`if (told > ${seconds}) return response;`);
    expect(text.includes("can last much longer")).toBe(isLonger);
  });

  test("samples in Python import nothing that they do not use", () => {
    expect(handling("limits: [{ name: a, per: ip, quota: 9, window: 1m }]")).not.toContain("import os");
  });
});

describe("sections", () => {
  const policy = policyNamed("logproof");

  test("can be written by the policy, around what is generated, or left out", () => {
    const own = policyOf(
      'limits: [{ name: a, per: ip, quota: 9, window: 1m }]\ndocs: { sections: { introduction: "Be *kind*.", limits: "Few:\\n\\n{generated}", counting: "" } }',
    );
    const text = page(own, "index");
    expect(text).toMatch(/^# Rate limits\n\nBe \*kind\*\.\n\n## Limits\n\nFew:\n\n### Per IP address\n/);
    expect(text).not.toContain("## How requests are counted");
  });

  test("have what is generated on lines of its own, wherever the policy names it", () => {
    const text = page(
      policyOf(
        'limits: [{ name: a, per: ip, quota: 9, window: 1m }]\ndocs: { sections: { limits: "own **text** {generated}\\n    and more" } }',
      ),
      "index",
    );
    expect(text).toMatch(/## Limits\n\nown \*\*text\*\*\n\n### Per IP address\n[^#]*\|\n\n {4}and more\n/);
  });

  test("that are given beside the policy come first", () => {
    const keymint = policyNamed("keymint");
    expect(page(keymint, "batching")).toContain("several things in one request");
    expect(page(keymint, "batching", new Map([["batching", "There is none."]]))).toBe("# Batching\n\nThere is none.\n");
  });

  test("of which all are empty make no page, and no link leads there", () => {
    const pages = writeHandbook(policy, new Map([["batching", ""]])).pages;
    expect(pages.map(({ name }) => name)).not.toContain("batching");
    expect(pages.map(({ markdown }) => markdown).join()).not.toContain("batching.md");
  });
});

test.each([...SYSTEMS, "default"])(
  "the pages of %s are the same each time, and link to nothing that is not there",
  (name) => {
    const { pages } = writeHandbook(policyNamed(name));
    expect(writeHandbook(policyNamed(name)).pages).toEqual(pages);
    const anchors = new Map(pages.map(({ name, markdown }) => [name, anchorsOf(markdown)]));
    for (const { markdown } of pages) {
      for (const [, page = "", anchor] of markdown.matchAll(/\]\(([\w-]+)\.md(?:#([\w-]+))?\)/g)) {
        expect([...anchors.keys()]).toContain(page);
        if (anchor !== undefined) expect(anchors.get(page)).toContain(anchor);
      }
    }
  },
);

function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading.toLowerCase().replaceAll(" ", "-"));
}
