import type { Claim } from "@headgate/core";

/** The claims of one request whose counters are in one slot, which decides them as a whole. */
export interface SlotPart {
  readonly slot: number;
  readonly claims: readonly Claim[];
  readonly keys: readonly string[];
  /** Of a refund, what to give back; of other operations, none. */
  readonly tickets: readonly number[];
  /** Where these claims stand among the request's; empty if they are all of it. */
  readonly places: readonly number[];
}

/** Sorts the claims of a request by the slots of their keys. */
export function bySlot(
  claims: readonly Claim[],
  keys: readonly string[],
  tickets: readonly number[],
  slotOf: (key: string) => number,
): SlotPart[] {
  const slots = keys.map(slotOf);
  return [...new Set(slots)].map((slot) => {
    const places = [...slots.keys()].filter((place) => slots[place] === slot);
    return { slot, places, ...pick(places, claims, keys, tickets) };
  });
}

/** The same of a part for those of its claims that are wanted. */
export function partOf(part: SlotPart, isWanted: (index: number) => boolean): SlotPart {
  const indexes = [...part.claims.keys()].filter(isWanted);
  const places = indexes.map((index) => part.places[index] as number);
  return { slot: part.slot, places, ...pick(indexes, part.claims, part.keys, part.tickets) };
}

function pick(
  indexes: readonly number[],
  claims: readonly Claim[],
  keys: readonly string[],
  tickets: readonly number[],
) {
  return {
    claims: indexes.map((index) => claims[index] as Claim),
    keys: indexes.map((index) => keys[index] as string),
    tickets: tickets.length === 0 ? tickets : indexes.map((index) => tickets[index] as number),
  };
}
