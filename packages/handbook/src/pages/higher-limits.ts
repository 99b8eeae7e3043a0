import { blocks, escaped } from "../markdown.ts";
import type { PagePlan } from "../page.ts";
import type { Subject } from "../subject.ts";

export const HIGHER_LIMITS_PAGE: PagePlan = {
  name: "higher-limits",
  title: "Higher limits",
  summary: "What to do when you need more.",
  sections: [{ id: "higher-limits", write: higherLimits }],
};

function higherLimits({ policy, limits }: Subject): string | undefined {
  const { contact } = policy.docs;
  const hasLarger = limits.some(({ limit, plans }) => [...plans.values()].some(({ quota }) => quota > limit.quota));
  if (contact === undefined && !hasLarger) return undefined;
  return blocks(
    hasLarger && "Other [plans](index.md#plans) allow more.",
    contact !== undefined && `If your application needs more, ask ${whom(contact)} for a limit of your own.`,
    policy.credentials === "managed" && "A new limit applies at once, and your credentials stay as they are.",
  );
}

/** An e-mail address or a URL as a link. */
function whom(contact: string): string {
  if (/^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(contact)) return `[${escaped(contact)}](mailto:${contact})`;
  if (/^https?:\/\/[^\s<>()]+$/.test(contact)) return `[${escaped(contact)}](${contact})`;
  return escaped(contact);
}
