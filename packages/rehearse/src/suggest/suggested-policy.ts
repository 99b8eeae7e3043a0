import { formatCount, formatInstant } from "../report/quantities.ts";
import type { Crowd } from "./crowd.ts";
import type { OrdinaryCallers } from "./ordinary-callers.ts";
import { type LimitText, policyText } from "./policy-text.ts";
import type { Suggestion } from "./suggest.ts";
import type { SuggestedLimit } from "./suggested-limits.ts";

/** A suggestion as a policy file, with the reasons in comments. */
export function suggestedPolicy(suggestion: Suggestion, upstream: string): string {
  const { findings, crowds } = suggestion;
  const limits = crowds.flatMap(({ ordinary, limits }) => limits.map((limit) => limitText(limit, ordinary)));
  return policyText({ findings, upstream, limits, comments: introduction(suggestion) });
}

function introduction({ findings, options, crowds }: Suggestion): string[] {
  const { from, until, requests } = findings;
  const counted = crowds.filter(({ crowd, ordinary }) => !crowd.isCeiling && ordinary.callers > 0);
  const lines = [
    `Suggested by Headgate from ${formatCount(requests)} requests, ${formatInstant(from)} to ${formatInstant(until)}.`,
    "",
    `At most ${percent(options.share)} of these callers would have been refused. As many of them are set aside, those who asked`,
    `for most; what any other asked for in one window, and ${percent(options.headroom)} more, rounded up, is the quota.`,
    ...counted.map(({ crowd, ordinary }) => asideLine(crowd, ordinary)),
  ];
  const isSample = counted.some(({ ordinary }) => ordinary.isEstimate);
  return isSample
    ? [...lines, "There were too many callers to follow all: this is what a sample of them asked for."]
    : lines;
}

function asideLine({ callers }: Crowd, { callers: count, setAside, isEstimate }: OrdinaryCallers): string {
  const were = `${formatCount(setAside)} ${setAside === 1 ? "was" : "were"} set aside`;
  return `Of ${isEstimate ? "about " : ""}${formatCount(count)} ${callers}, ${were}.`;
}

function limitText(limit: SuggestedLimit, ordinary: OrdinaryCallers): LimitText {
  const { name, crowd, group, quota, window } = limit;
  const comments = crowd.isCeiling ? ceilingReason(limit) : [reason(limit, ordinary)];
  return { name, crowd, group, quota, window: window.text, comments };
}

function reason({ crowd, window, peak, peakOfAll }: SuggestedLimit, { setAside }: OrdinaryCallers): string {
  const none = `None of the ${setAside > 0 ? "other " : ""}${crowd.callers}`;
  const others = peakOfAll > peak ? `; one of those set aside, for ${formatCount(peakOfAll)}` : "";
  return `${none} asked for more than ${formatCount(peak)} in ${window.text}${others}.`;
}

function ceilingReason({ peak, window }: SuggestedLimit): string[] {
  return [
    "Whoever makes up keys has an address still. This is what no address can have asked for in",
    `${window.text}, with all its keys: ${formatCount(peak)} in two such windows together.`,
  ];
}

function percent(part: number): string {
  return `${Number((part * 100).toPrecision(6))}%`;
}
