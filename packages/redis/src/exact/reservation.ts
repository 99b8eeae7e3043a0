import { NOT_CHARGED, type Verdict } from "@headgate/core";
import type { Operation } from "./request.ts";
import { partOf, type SlotPart } from "./slot-part.ts";

/** Asks the slot of a part. */
export type AskSlot = (operation: Operation, part: SlotPart) => Promise<readonly Verdict[]>;

/** A part, and what its slot said to it. */
export interface Reserved {
  readonly part: SlotPart;
  readonly verdicts: readonly Verdict[];
}

/** The verdicts on a request's parts, in the order of its claims. */
export function inOrder(told: readonly Reserved[]): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  for (const { part, verdicts: ofPart } of told) {
    for (const [i, place] of part.places.entries()) verdicts[place] = ofPart[i] as Verdict;
  }
  return verdicts;
}

/**
 * Consumes across slots, which no script can do as a whole: takes in each what it admits, and when one denies gives back
 * what the others took. Never more than a quota is used; until it is given back, others may see less left than there is.
 * When a slot fails, what the others took is given back too, and what that one took, if it did, stays charged.
 */
export async function reserve(parts: readonly SlotPart[], ask: AskSlot): Promise<Reserved[]> {
  const outcomes = await Promise.allSettled(parts.map((part) => ask("consume", part)));
  const reserved: Reserved[] = [];
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.status === "fulfilled") reserved.push({ part: parts[i] as SlotPart, verdicts: outcome.value });
  }
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure) {
    // Nobody waits for this: the request has its answer, and what cannot be given back now comes back with the window.
    for (const each of reserved) refund(each, isCharged, ask).catch(() => undefined);
    throw failure.reason;
  }
  if (reserved.every(isAllowed)) return reserved;
  return Promise.all(reserved.map((each) => (isAllowed(each) ? giveBack(each, ask) : each)));
}

/** What the part would have been told, had it been known that another denies: only what counts rejections is charged. */
async function giveBack(reserved: Reserved, ask: AskSlot): Promise<Reserved> {
  const { part, verdicts } = reserved;
  const countsRejection = (verdict: Verdict): boolean => isCharged(verdict) && verdict.limit.countRejected;
  const counted = partOf(part, (i) => countsRejection(verdicts[i] as Verdict));
  const [returned, waiting] = await Promise.all([
    refund(reserved, (verdict) => isCharged(verdict) && !countsRejection(verdict), ask),
    ask("peek", counted),
  ]);
  const given = returned.values();
  const seen = waiting.values();
  const told = verdicts.map((verdict): Verdict => {
    if (!isCharged(verdict)) return verdict;
    if (!countsRejection(verdict)) return given.next().value as Verdict;
    return { ...verdict, retryAfterMs: (seen.next().value as Verdict).retryAfterMs };
  });
  return { part, verdicts: told };
}

async function refund({ part, verdicts }: Reserved, isWanted: (verdict: Verdict) => boolean, ask: AskSlot) {
  const charged = { ...part, tickets: verdicts.map(({ ticket }) => ticket) };
  return ask(
    "refund",
    partOf(charged, (i) => isWanted(verdicts[i] as Verdict)),
  );
}

function isAllowed({ verdicts }: Reserved): boolean {
  return verdicts.every(({ admitted, limit }) => admitted || limit.isShadow);
}

function isCharged({ ticket }: Verdict): boolean {
  return ticket !== NOT_CHARGED;
}
