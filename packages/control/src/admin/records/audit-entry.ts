import Type, { type TUnsafe } from "typebox";
import type { AuditEntry, AuditVerdict } from "../../audit-entry.ts";
import { isoOf } from "../instants.ts";
import { instant, recordSchema } from "../schema.ts";

/** An audit entry as the API shows it. */
export interface AuditEntryJson {
  readonly seq: number;
  readonly time: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly before: unknown;
  readonly after: unknown;
  readonly hash: string;
}

/** What going through the whole chain has shown. */
export interface AuditVerdictJson {
  readonly valid: boolean;
  readonly entries: number;
  readonly head: string;
  readonly broken_at: number | null;
}

export const auditEntrySchema: TUnsafe<AuditEntryJson> = recordSchema<AuditEntryJson>(
  "AuditEntry",
  {
    seq: Type.Integer({ minimum: 1, description: "1, 2, 3 … in the order of the changes, without gaps." }),
    time: instant("When."),
    actor: Type.String({ description: "Who: `admin`, `command`, `policy`, `events`, or a key's id." }),
    action: Type.String({ description: "What: `account.created`, `key.revoked` …" }),
    subject: Type.Object({ type: Type.String(), id: Type.String() }, { additionalProperties: false }),
    before: Type.Unknown({ description: "The record before; null where there was none." }),
    after: Type.Unknown({ description: "The record after; null where there is none any more." }),
    hash: Type.String({ description: "SHA-256, hex, over the entry before it and this one." }),
  },
  {
    description: "One change: who, what, when, and how it was before and after.",
    examples: [
      {
        seq: 7,
        time: "2030-01-01T00:00:00.000Z",
        actor: "admin",
        action: "usage.reset",
        subject: { type: "account", id: "acc_01k5j8y3m2q4r6s8t0v2w4x6z8" },
        before: null,
        after: { limit: "writes" },
        hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      },
    ],
  },
);

export const auditVerdictSchema: TUnsafe<AuditVerdictJson> = recordSchema<AuditVerdictJson>(
  "AuditVerdict",
  {
    valid: Type.Boolean({ description: "Whether every entry is as it was written." }),
    entries: Type.Integer({ minimum: 0 }),
    head: Type.String({ description: "The newest entry's hash: note it elsewhere, and a rewritten chain shows too." }),
    broken_at: Type.Unsafe({ type: ["integer", "null"], description: "The first entry that does not fit." }),
  },
  { description: "Whether the audit is as it was written." },
);

export function auditEntryJson({ seq, time, actor, action, subject, before, after, hash }: AuditEntry): AuditEntryJson {
  const { type, id } = subject;
  return {
    seq,
    time: isoOf(time),
    actor,
    action,
    subject: { type, id },
    before: before ?? null,
    after: after ?? null,
    hash,
  };
}

export function auditVerdictJson({ isValid, entries, head, brokenAt }: AuditVerdict): AuditVerdictJson {
  return { valid: isValid, entries, head, broken_at: brokenAt ?? null };
}
