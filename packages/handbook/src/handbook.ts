import type { DocsSectionId, Policy } from "@headgate/policy";
import { type Page, type PagePlan, writePage } from "./page.ts";
import { BATCHING_PAGE } from "./pages/batching.ts";
import { CACHING_PAGE } from "./pages/caching.ts";
import { HANDLING_PAGE } from "./pages/handling.ts";
import { HEADERS_PAGE } from "./pages/headers.ts";
import { HIGHER_LIMITS_PAGE } from "./pages/higher-limits.ts";
import { LIMITS_PAGE } from "./pages/limits.ts";
import { REFUSALS_PAGE } from "./pages/refusals.ts";
import { WEBHOOKS_PAGE } from "./pages/webhooks.ts";
import { subjectOf } from "./subject.ts";

/** The pages that tell callers of an API about its limits. */
export interface Handbook {
  /** The API's name. */
  readonly title: string;
  /** In the order in which they are read; the first is `index`. */
  readonly pages: readonly Page[];
}

const PLANS: readonly PagePlan[] = [
  LIMITS_PAGE,
  HEADERS_PAGE,
  REFUSALS_PAGE,
  HANDLING_PAGE,
  BATCHING_PAGE,
  CACHING_PAGE,
  WEBHOOKS_PAGE,
  HIGHER_LIMITS_PAGE,
];

/**
 * Writes the pages of a policy. `texts` are sections in Markdown that come before those of the policy's own `docs`. The
 * same policy always gives the same pages.
 */
export function writeHandbook(policy: Policy, texts: ReadonlyMap<DocsSectionId, string> = new Map()): Handbook {
  const subject = subjectOf(policy);
  const own = (id: DocsSectionId): string | undefined => texts.get(id) ?? policy.docs.sections.get(id);
  const pages = PLANS.flatMap((plan) => writePage(plan, subject, own) ?? []);
  const names = new Set(pages.map(({ name }) => name));
  return {
    title: policy.title,
    pages: pages.map((page) => ({ ...page, markdown: withoutLinksToOthers(page.markdown, names) })),
  };
}

/** Keeps the words of links to pages that this policy gives nothing to say on. */
function withoutLinksToOthers(markdown: string, names: ReadonlySet<string>): string {
  const others = PLANS.map(({ name }) => name).filter((name) => !names.has(name));
  if (others.length === 0) return markdown;
  return markdown.replaceAll(new RegExp(`\\[([^\\][]*)\\]\\((?:${others.join("|")})\\.md(?:#[\\w-]*)?\\)`, "g"), "$1");
}

/** The names of all pages that some policy may have. */
export const PAGE_NAMES: readonly string[] = PLANS.map(({ name }) => name);
