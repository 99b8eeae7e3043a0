import type { DocsRequest } from "@headgate/policy";
import { blocks, code, fenced } from "../markdown.ts";
import type { PagePlan } from "../page.ts";
import { curlRequest } from "../samples/curl.ts";
import { javascriptRequest } from "../samples/javascript.ts";
import { pythonRequest } from "../samples/python.ts";
import type { Subject } from "../subject.ts";
import { quantity } from "../words/quantity.ts";
import { countsAsOne } from "./counting.ts";

export const BATCHING_PAGE: PagePlan = {
  name: "batching",
  title: "Batching",
  summary: "How to do more with one request.",
  sections: [{ id: "batching", write: batching }],
};

function batching(subject: Subject): string | undefined {
  const { batch, limits, policy } = subject;
  if (!batch) return undefined;
  const most = policy.upstream?.kind === "builtin" ? `, up to ${quantity(policy.events.maxBatch, "event")}` : "";
  return blocks(
    `${code(`${batch.method} ${batch.path}`)} takes many in one request${most}${countsAsOne(limits) ? ", and counts as a single one, however many it holds" : ""}.`,
    inThreeLanguages(batch, subject),
  );
}

/** A request for curl, JavaScript and Python. */
export function inThreeLanguages(request: DocsRequest, subject: Subject): string {
  return blocks(
    fenced("sh", curlRequest(request, subject)),
    fenced("js", javascriptRequest(request, subject)),
    fenced("python", pythonRequest(request, subject)),
  );
}
