import type { DocsRequest } from "@headgate/policy";
import { blocks, code, fenced } from "../markdown.ts";
import type { PagePlan } from "../page.ts";
import { curlRequest } from "../samples/curl.ts";
import { javascriptOptions } from "../samples/javascript.ts";
import { pythonHeadersOf, pythonUrl, standardImports } from "../samples/python.ts";
import type { Subject } from "../subject.ts";

export const CACHING_PAGE: PagePlan = {
  name: "caching",
  title: "Caching",
  summary: "How to ask again for less.",
  sections: [{ id: "caching", write: caching }],
};

/** A tag such as answers have. */
const EXAMPLE_TAG = '"17-iT0wqJZpVnF0c3DqyzjD7pd4pXk"';

function caching(subject: Subject): string | undefined {
  const { policy, stage } = subject;
  if (!policy.isConditional) return undefined;
  const request = readOf(subject);
  const isFree =
    stage.limits.length > 0 && stage.limits.every(({ refund, charge }) => refund?.(304) || charge?.(304) === false);
  const tagged = { ...request, headers: new Map([...request.headers, ["If-None-Match", EXAMPLE_TAG]]) };
  return blocks(
    "Keep what you have read for a while, such as a minute, and ask again only after that.",
    `Answers to ${code("GET")} carry an ${code("ETag")}. Send it back as ${code("If-None-Match")}: if nothing has changed, the ` +
      `answer is ${code("304 Not Modified")}, without a body. It ${isFree ? "does not count for a limit" : "counts like any other request, and is quicker"}.`,
    fenced("sh", curlRequest(tagged, subject, "-i")),
    fenced("js", javascript(request, subject)),
    fenced("python", python(request, subject)),
  );
}

/** The example request, where it reads something; else one that does, at the same path. */
function readOf({ example }: Subject): DocsRequest {
  return example.method === "GET" ? example : { ...example, method: "GET", body: undefined };
}

function javascript(request: DocsRequest, subject: Subject): string {
  return `const FRESH_MS = 60_000;
const kept = new Map();

async function read(url) {
  const known = kept.get(url);
  if (known && Date.now() - known.at < FRESH_MS) return known.data;
  const options = ${javascriptOptions(request, subject).replaceAll("\n", "\n  ")};
  if (known?.tag) options.headers = { ...options.headers, "If-None-Match": known.tag };
  const response = await fetch(url, options);
  if (!response.ok && response.status !== 304) throw new Error(\`answered \${response.status}\`);
  const data = response.status === 304 ? known.data : await response.json();
  kept.set(url, { data, tag: response.headers.get("etag"), at: Date.now() });
  return data;
}`;
}

function python(request: DocsRequest, subject: Subject): string {
  return `${standardImports(subject, "time")}import requests

FRESH_S = 60
kept = {}


def read(url=${pythonUrl(request, subject)}):
    known = kept.get(url)
    if known and time.monotonic() - known["at"] < FRESH_S:
        return known["data"]
    headers = ${pythonHeadersOf(request, subject, "    ")}
    if known and known["tag"]:
        headers["If-None-Match"] = known["tag"]
    response = requests.get(url, headers=headers, timeout=30)
    response.raise_for_status()
    data = known["data"] if response.status_code == 304 else response.json()
    kept[url] = {"data": data, "tag": response.headers.get("ETag"), "at": time.monotonic()}
    return data`;
}
