import { HeadgateError } from "@headgate/core";
import type { ObeyOptions } from "./options.ts";
import { systemClock } from "./system-clock.ts";
import { isSpentQuota } from "./waiting/spent-quota.ts";

type Defaults = Required<
  Pick<ObeyOptions, "patienceMs" | "deadlineMs" | "attempts" | "isSpent" | "pace" | "concurrency" | "clock">
>;

/** The options, with the defaults of those that have one here. */
export type ObeySettings = ObeyOptions & Defaults;

const DEFAULTS: Defaults = {
  patienceMs: 90_000,
  deadlineMs: 300_000,
  attempts: 5,
  isSpent: isSpentQuota,
  pace: "smooth",
  concurrency: 64,
  clock: systemClock,
};

/** @throws HeadgateError `HG_OBEY_OPTION` where a number is none that can be kept to */
export function toSettings(options: ObeyOptions): ObeySettings {
  const settings = { ...DEFAULTS, ...options };
  checkNumbers({ ...settings, ...settings.backoff, ...settings.retryBudget });
  return settings;
}

/** @throws HeadgateError `HG_OBEY_OPTION` */
export function checkNumbers(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    const least = /Ms|retries/.test(name) ? 0 : 1;
    if (typeof value === "number" && name !== "priority" && !(value >= least))
      throw new HeadgateError("HG_OBEY_OPTION", `${name} is ${value}, and must be ${least} or more`);
  }
}
