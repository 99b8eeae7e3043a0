import { isBodyCap, limitSpecOf } from "../compile-limit.ts";
import type { Finding } from "../problem.ts";
import type { PolicyFile } from "../schema/policy-file.ts";

/** Forwarded-for trusted from anywhere: then everyone chooses whom they are counted as. */
export function trustLints({ callers }: PolicyFile): Finding[] {
  return (callers?.ip?.["trusted-proxies"] ?? []).flatMap((range, i) => {
    if (!/\/0+$/.test(range)) return [];
    const message = `${range} trusts X-Forwarded-For from anyone, who can then choose the address they are counted by`;
    const hint = "list the addresses of your own proxies, such as 10.0.0.0/8";
    return [{ code: "HG_LINT_TRUSTS_ANYONE", message, hint, path: ["callers", "ip", "trusted-proxies", i] }];
  });
}

export function sharedNameLints({ limits }: PolicyFile): Finding[] {
  return limits.flatMap(({ name }, i) => {
    if (limits.findIndex((limit) => limit.name === name) === i) return [];
    const message = `another limit is called "${name}" too; they count apart, but callers cannot tell which one they met`;
    return [{ code: "HG_LINT_SHARED_NAME", message, hint: "give it a name of its own", path: ["limits", i, "name"] }];
  });
}

/** A constant Retry-After that sends callers back before they can be admitted. */
export function retryAfterLints({ limits, responses = {} }: PolicyFile): Finding[] {
  const seconds = responses["retry-after"];
  if (typeof seconds !== "number") return [];
  const longest = limits
    .filter((limit) => !isBodyCap(limit) && limit.algorithm !== "concurrency" && limit.mode !== "shadow")
    .map((limit) => ({ limit, windowMs: windowMsOf(limitSpecOf(limit)) }))
    .toSorted((a, b) => b.windowMs - a.windowMs)[0];
  if (longest === undefined || seconds * 1000 >= longest.windowMs) return [];
  const { name, window } = longest.limit;
  const message = `${seconds} seconds are shorter than the window of limit "${name}" (${window})`;
  const hint = "use limited, which tells the true wait";
  return [{ code: "HG_LINT_SHORT_RETRY_AFTER", message, hint, path: ["responses", "retry-after"] }];
}

/** What happens while counters cannot be reached, where they always can. A file that names no store may get one yet. */
export function storeErrorLints({ limits, store }: PolicyFile): Finding[] {
  if (store?.memory === undefined) return [];
  return limits.flatMap((limit, i) => {
    if (limit["on-store-error"] === undefined) return [];
    const message = `"${limit.name}" says what happens without its counters, but memory can always be reached`;
    const hint = "take on-store-error out, or use store: { redis: {} }";
    const path = ["limits", i, "on-store-error"];
    return [{ code: "HG_LINT_STORE_NEVER_FAILS", message, hint, path, isAboutKey: true }];
  });
}

function windowMsOf({ windowMs, calendar }: ReturnType<typeof limitSpecOf>): number {
  return windowMs ?? (calendar?.unit === "month" ? 31 : 1) * 86_400_000;
}
