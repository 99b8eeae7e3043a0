import { HeadgateError } from "@headgate/core";
import type { Fetch } from "./fetch.ts";
import { given } from "./given.ts";
import type { CallOptions, ObeyOptions } from "./options.ts";
import type { Dialect } from "./reading/dialect.ts";
import { systemClock } from "./system-clock.ts";
import { isSpentQuota } from "./waiting/spent-quota.ts";

type Defaults = Required<
  Pick<ObeyOptions, "patienceMs" | "deadlineMs" | "attempts" | "isSpent" | "pace" | "concurrency" | "clock">
>;

/** What all calls of an obeying fetch have in common: its options, with the defaults of those that have one here. */
export type ObeySettings = ObeyOptions &
  Defaults & {
    readonly fetch: Fetch;
    /** Whether a call is in flight until its answer's body has ended. */
    readonly countsBodies: boolean;
  };

/** The same for one call, with what it asks for itself. */
export type CallSettings = ObeySettings & Pick<CallOptions, "priority">;

const DEFAULTS: Defaults = {
  patienceMs: 90_000,
  deadlineMs: 300_000,
  attempts: 5,
  isSpent: isSpentQuota,
  pace: "smooth",
  concurrency: 64,
  clock: systemClock,
};

/** @throws HeadgateError `HG_OBEY_OPTION` where a number is none that can be kept to, or a header's name is none */
export function toSettings(fetch: Fetch, options: ObeyOptions): ObeySettings {
  const settings = { ...DEFAULTS, ...given(options), fetch, countsBodies: options.concurrency !== undefined };
  checkNumbers({ ...settings, ...settings.backoff, ...settings.retryBudget, ...settings.dialect });
  checkNames(settings.dialect);
  return settings;
}

/** @throws HeadgateError `HG_OBEY_OPTION` */
export function toCallSettings(settings: ObeySettings, own: CallOptions | undefined): CallSettings {
  if (!own) return settings;
  checkNumbers(own);
  return { ...settings, ...given(own) };
}

function checkNumbers(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    const least = name === "priority" ? Number.NEGATIVE_INFINITY : /Ms|retries/.test(name) ? 0 : 1;
    if (typeof value === "number" && !(value >= least)) {
      const bound = Number.isFinite(least) ? `${least} or more` : "a number";
      throw new HeadgateError("HG_OBEY_OPTION", `${name} is ${value}, and must be ${bound}`);
    }
  }
}

const HEADER_NAME = /^[!#$%&'*+.^`|~\w-]+$/;

/** Before any call, for the answer that is read by them is there when its request has been carried out. */
function checkNames({ limit, remaining, resetHeader }: Dialect = {}): void {
  for (const name of [limit, remaining, resetHeader]) {
    if (name !== undefined && !HEADER_NAME.test(name))
      throw new HeadgateError("HG_OBEY_OPTION", `"${name}" is not the name of a header`);
  }
}
