import Type, { type TUnsafe } from "typebox";
import type { Override } from "../../override.ts";
import { isoOf, isoOrNull } from "../instants.ts";
import { instantOrNull, recordSchema, stampSchemas, textOrNull } from "../schema.ts";

/** An override as the API shows it. */
export interface OverrideJson {
  readonly id: string;
  readonly subject: { readonly type: "account" | "key"; readonly id: string };
  readonly limit: string;
  readonly quota: number | null;
  readonly factor: number | null;
  readonly unlimited: boolean;
  readonly expires_at: string | null;
  readonly reason: string | null;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
}

const subjectType = Type.Unsafe({ type: "string", enum: ["account", "key"] });

export const overrideSchema: TUnsafe<OverrideJson> = recordSchema<OverrideJson>(
  "Override",
  {
    id: Type.String({ description: "`ovr_…`" }),
    subject: Type.Object(
      { type: subjectType, id: Type.String() },
      { additionalProperties: false, description: "Whose it is. A key's comes before its account's." },
    ),
    limit: Type.String({ description: "The limit's name." }),
    quota: Type.Unsafe({
      type: ["integer", "null"],
      description: "The quota instead; null where it is none of these.",
    }),
    factor: Type.Unsafe({ type: ["number", "null"], description: "So many times the caller's own quota." }),
    unlimited: Type.Boolean({ description: "Whether the limit does not hold at all." }),
    expires_at: instantOrNull("Null holds until it is removed."),
    reason: textOrNull("Why, for people."),
    ...stampSchemas,
  },
  {
    description: "An exception for one caller from one limit: a quota, a factor, or none at all.",
    examples: [
      {
        id: "ovr_01k5j8y3m2q4r6s8t0v2w4x6z8",
        subject: { type: "account", id: "acc_01k5j8y3m2q4r6s8t0v2w4x6z8" },
        limit: "writes",
        quota: 250,
        factor: null,
        unlimited: false,
        expires_at: "2030-02-01T00:00:00.000Z",
        reason: "moves a year of data",
        version: 1,
        created_at: "2030-01-01T00:00:00.000Z",
        updated_at: "2030-01-01T00:00:00.000Z",
      },
    ],
  },
);

export function overrideJson(override: Override): OverrideJson {
  const { change } = override;
  return {
    id: override.id,
    subject: { type: override.subject.type, id: override.subject.id },
    limit: override.limit,
    quota: change.kind === "quota" ? change.quota : null,
    factor: change.kind === "factor" ? change.factor : null,
    unlimited: change.kind === "unlimited",
    expires_at: isoOrNull(override.expiresAt),
    reason: override.reason ?? null,
    version: override.version,
    created_at: isoOf(override.createdAt),
    updated_at: isoOf(override.updatedAt),
  };
}
