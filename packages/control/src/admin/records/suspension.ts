import Type, { type TUnsafe } from "typebox";
import type { SuspendableCaller, Suspension } from "../../suspension.ts";
import { isoOf, isoOrNull } from "../instants.ts";
import { instantOrNull, recordSchema, stampSchemas } from "../schema.ts";

/** A suspension as the API shows it. */
export interface SuspensionJson {
  readonly id: string;
  readonly caller: SuspendableCaller;
  readonly value: string;
  readonly reason: string;
  readonly ends_at: string | null;
  readonly lifted_at: string | null;
  readonly active: boolean;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export const suspensionSchema: TUnsafe<SuspensionJson> = recordSchema<SuspensionJson>(
  "Suspension",
  {
    id: Type.String({ description: "`sus_…`" }),
    caller: Type.Unsafe({ type: "string", enum: ["account", "api-key", "token", "ip"] }),
    value: Type.String({ description: "The account's, key's or token's id, or the address as it is counted." }),
    reason: Type.String(),
    ends_at: instantOrNull("Null lasts until it is lifted."),
    lifted_at: instantOrNull("When an operator ended it."),
    active: Type.Boolean({ description: "Whether the caller is refused now." }),
    ...stampSchemas,
  },
  {
    description: "A caller that is refused for a time, or until lifted.",
    examples: [
      {
        id: "sus_01k5j8y3m2q4r6s8t0v2w4x6z8",
        caller: "account",
        value: "acc_01k5j8y3m2q4r6s8t0v2w4x6z8",
        reason: "100 denials within 10m",
        ends_at: "2030-01-01T01:00:00.000Z",
        lifted_at: null,
        active: true,
        version: 1,
        created_at: "2030-01-01T00:00:00.000Z",
        updated_at: "2030-01-01T00:00:00.000Z",
      },
    ],
  },
);

/** `now` tells whether it is over. */
export function suspensionJson(suspension: Suspension, now: number): SuspensionJson {
  const { endsAt, liftedAt } = suspension;
  return {
    id: suspension.id,
    caller: suspension.caller,
    value: suspension.value,
    reason: suspension.reason,
    ends_at: isoOrNull(endsAt),
    lifted_at: isoOrNull(liftedAt),
    active: liftedAt === undefined && (endsAt === undefined || endsAt > now),
    version: suspension.version,
    created_at: isoOf(suspension.createdAt),
    updated_at: isoOf(suspension.updatedAt),
  };
}
