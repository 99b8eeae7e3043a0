import { type Limit, withQuota } from "@headgate/core";

/** What an exception makes of a limit: another number, so many times the caller's own, or none at all. */
export type QuotaOverride =
  | { readonly kind: "quota"; readonly quota: number }
  | { readonly kind: "factor"; readonly factor: number }
  | { readonly kind: "unlimited" };

/** The exceptions of one caller. */
export interface Overrides {
  /** What holds for a limit now; undefined where nothing does. `now` is epoch ms. */
  of(limit: string, now: number): QuotaOverride | undefined;
}

/** The limit as an override makes it, with the same counters; undefined where there is none any more. */
export function overridden(limit: Limit, override: QuotaOverride): Limit | undefined {
  if (override.kind === "unlimited") return undefined;
  const quota = override.kind === "quota" ? override.quota : Math.round(limit.quota * override.factor);
  return withQuota(limit, quota);
}
