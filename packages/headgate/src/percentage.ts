import { InvalidArgumentError } from "commander";

/** Reads `0.1%` as a part of one. */
export function parsePercentage(text: string): number {
  const [, percent] = /^(\d{1,4}(?:\.\d{1,6})?)%$/.exec(text) ?? [];
  if (percent === undefined) throw new InvalidArgumentError("Write it as 0.1%.");
  return Number(percent) / 100;
}
