import type { Overrides } from "@headgate/policy";
import type { Widget } from "./widget.ts";

/** Who a credential on record belongs to. One object for as long as nothing about it changes: reading it costs nothing. */
export interface Identity {
  readonly kind: "key" | "token";
  /** A token for pages that strangers see. */
  readonly isWidget: boolean;
  /** What such a token shows: `{}` is all of the account's events. Undefined of everything else. */
  readonly widget: Widget | undefined;
  /** `key_…` or `tok_…` */
  readonly id: string;
  /** The key itself, or the one the token was minted from. */
  readonly keyId: string;
  readonly accountId: string;
  readonly plan: string | undefined;
  /** `read` lets use safe methods, `write` the others; what else there is means something to the upstream. */
  readonly scopes: readonly string[];
  /** By limit name; the key's before the account's. Undefined where there are none, as nearly always. */
  readonly overrides: Overrides | undefined;
}
