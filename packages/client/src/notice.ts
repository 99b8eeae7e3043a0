import type { CacheUse } from "./cache/response-cache.ts";
import { type FetchInput, methodOf, urlOf } from "./fetch.ts";
import { tellListener } from "./listener.ts";

/** What the client decided about a call, and why. Attempts count from 1. */
export type Decided =
  | { readonly kind: "paced"; readonly waitMs: number; readonly reason: "paced" | "held" | "busy" }
  | { readonly kind: "waiting"; readonly waitMs: number; readonly attempt: number; readonly reason: string }
  | { readonly kind: "retried"; readonly attempt: number; readonly reason: string }
  | { readonly kind: "gave-up"; readonly attempt: number; readonly reason: string; readonly waitMs?: number }
  | { readonly kind: "from-cache"; readonly reason: CacheUse };

/** That a gate is shared no more since that failed, and why; or that it is again. It is about no call in particular. */
export interface SharingNotice {
  readonly kind: "unshared" | "shared";
  readonly reason: string;
  readonly method?: undefined;
  readonly url?: undefined;
}

/** A decision that the client took about a call, for logs and traces; or what became of a shared gate. */
export type Notice =
  | ({
      /** The call's method and URL; the URL without its query and credentials, which may hold a secret. */
      readonly method: string;
      readonly url: string;
    } & Decided)
  | SharingNotice;

/** Is told of every decision. What it throws is ignored. */
export type OnNotice = (notice: Notice) => void;

/** Tells of a decision about the call that was made with `input` and `init`. */
export function tell(
  onNotice: OnNotice | undefined,
  input: FetchInput,
  init: RequestInit | undefined,
  decided: Decided,
): void {
  if (!onNotice) return;
  const { origin, pathname } = urlOf(input);
  tellListener(onNotice, { method: methodOf(input, init), url: origin + pathname, ...decided });
}
