import type { Limit } from "@headgate/core";

const LOW_HALF = 2 ** 32;
const HIGH_BITS = 2 ** 21 - 1;

/** A limit's counter id as one whole number: as many of its bits as a number in Lua can hold, which are 53. */
export function counterNumber({ counterId: [low, high] }: Pick<Limit, "counterId">): number {
  return (high & HIGH_BITS) * LOW_HALF + (low >>> 0);
}
