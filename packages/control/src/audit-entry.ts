import type { Actor } from "./actor.ts";

/** One change: who, what, when, and how it was before and after. Never a secret. */
export interface AuditEntry {
  readonly seq: number;
  /** Epoch ms. */
  readonly time: number;
  readonly actor: Actor;
  /** `account.created`, `key.revoked`, `suspension.lifted` … */
  readonly action: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly before: unknown;
  readonly after: unknown;
  /** SHA-256, hex, over the entry before it and this one. */
  readonly hash: string;
}

/** Whether the record is as it was written. */
export interface AuditVerdict {
  readonly isValid: boolean;
  readonly entries: number;
  /** The newest entry's hash: note it elsewhere, and a rewritten chain shows too. */
  readonly head: string;
  /** The first entry that does not fit; undefined where all do. */
  readonly brokenAt: number | undefined;
}
