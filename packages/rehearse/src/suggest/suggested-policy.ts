import { formatCount, formatCountOf, formatInstant } from "../report/quantities.ts";
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
  const { from, until, requests, unreadable } = findings;
  const counted = crowds.filter(({ crowd, ordinary }) => !crowd.isCeiling && ordinary.callers > 0);
  const lines = [
    `Suggested by Headgate from ${formatCountOf(requests, "request")}, ${formatInstant(from)} to ${formatInstant(until)}.`,
    ...(unreadable > 0 ? [unreadableLine(unreadable)] : []),
    "",
    `At most ${percent(options.share)} of these callers would have been refused. Up to as many are set aside, those who asked`,
    `for most; what any other asked for in one window, and ${percent(options.headroom)} more, rounded up, is the quota.`,
    ...counted.map(({ crowd, ordinary }) => asideLine(crowd, ordinary, options.share)),
  ];
  const isSample = counted.some(({ ordinary }) => ordinary.isEstimate);
  return isSample
    ? [...lines, "There were too many callers to follow all: this is what a sample of them asked for."]
    : lines;
}

function unreadableLine(count: number): string {
  const are = count === 1 ? "1 request more is" : `${formatCount(count)} requests more are`;
  return `${are} left out: a gate answers 400 to such, whatever the limits.`;
}

function asideLine({ callers }: Crowd, ordinary: OrdinaryCallers, share: number): string {
  const { callers: count, setAside, isEstimate } = ordinary;
  const all = `Of ${isEstimate ? "about " : ""}${formatCount(count)} ${callers}`;
  if (share > 0 && count * share < 1) return `${all}, none was set aside: ${percent(share)} of them is less than one.`;
  return `${all}, ${formatCount(setAside)} ${setAside === 1 ? "was" : "were"} set aside.`;
}

function limitText(limit: SuggestedLimit, ordinary: OrdinaryCallers): LimitText {
  const { name, crowd, group, quota, window } = limit;
  const comments = crowd.isCeiling ? ceilingReason(limit) : reason(limit, ordinary);
  return { name, crowd, group, quota, window: window.text, comments };
}

/** How many times what all others asked for a single caller must have for it to be told. */
const STANDS_OUT = 2;

function reason(
  { crowd, window, peak, peakButOne, peakOfAll }: SuggestedLimit,
  { setAside }: OrdinaryCallers,
): string[] {
  const none = `None of the ${setAside > 0 ? "other " : ""}${crowd.callers}`;
  const others = peakOfAll > peak ? `; one of those set aside, for ${formatCount(peakOfAll)}` : "";
  const lines = [`${none} asked for more than ${formatCount(peak)} in ${window.text}${others}.`];
  if (peakButOne === 0 || peak < STANDS_OUT * peakButOne) return lines;
  return [
    ...lines,
    `Without a single one of them it would be ${formatCount(peakButOne)}: a greater --share sets such callers aside.`,
  ];
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
