import type { DocsRequest } from "@headgate/policy";
import { blocks } from "../markdown.ts";
import type { PagePlan } from "../page.ts";
import type { Subject } from "../subject.ts";
import { inThreeLanguages } from "./batching.ts";

export const WEBHOOKS_PAGE: PagePlan = {
  name: "webhooks",
  title: "Webhooks",
  summary: "How to be told, instead of asking again and again.",
  sections: [{ id: "webhooks", write: webhooks }],
};

const ADD_WEBHOOK: DocsRequest = {
  method: "POST",
  path: "/v1/webhooks",
  headers: new Map(),
  body: { url: "https://your-app.example/webhooks", events: ["event.created", "export.completed"] },
};

/** The events API has webhooks; of another API the policy knows nothing. */
function webhooks(subject: Subject): string | undefined {
  if (subject.policy.upstream?.kind !== "builtin") return undefined;
  return blocks(
    "Asking every few seconds whether there is something new spends your quota on answers that say no. Register a webhook, " +
      "and you are told as it happens, at no cost to any limit:",
    inThreeLanguages(ADD_WEBHOOK, subject),
    "The answer has a `secret`, this once: messages are signed with it, as " +
      "[Standard Webhooks](https://www.standardwebhooks.com) says. Besides `event.created` and `export.completed` there " +
      "are `limit.approaching`, when you have used 80 % of a limit, `limit.exceeded`, and `account.suspended`.",
  );
}
