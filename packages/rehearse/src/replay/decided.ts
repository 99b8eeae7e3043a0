import type { Decision } from "@headgate/core";
import type { RefusalReason } from "../rehearsal.ts";

/** What a gate would have answered to one request of a log. */
export interface Decided {
  /** Epoch ms, of the request. */
  readonly time: number;
  /** Undefined where it is admitted. */
  readonly refusedFor: RefusalReason | undefined;
  /** The limit or cap that a refusal names; undefined where none is to blame. */
  readonly refusedBy: string | undefined;
  /** It is admitted, and a shadow limit would have refused it. */
  readonly isShadowRefused: boolean;
  /** What the limits said, as the answer in the log has settled it; undefined where they could not be asked. */
  readonly decision: Decision | undefined;
  /** Whole seconds that a refusal tells to wait; undefined where waiting does not help. */
  readonly retryAfterSeconds: number | undefined;
}
