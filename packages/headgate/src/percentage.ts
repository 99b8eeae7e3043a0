import { InvalidArgumentError } from "commander";

/** Reads `0.1%` as a part of one: the very number that 1 / 1000 is, so that the two can be compared. */
export function parsePercentage(text: string): number {
  const [, percent] = /^(\d{1,4}(?:\.\d{1,6})?)%$/.exec(text) ?? [];
  if (percent === undefined) throw new InvalidArgumentError("Write it as 0.1%.");
  return Number(`${percent}e-2`);
}
