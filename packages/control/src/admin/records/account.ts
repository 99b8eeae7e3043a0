import Type, { type TUnsafe } from "typebox";
import type { Account } from "../../account.ts";
import { isoOf } from "../instants.ts";
import { recordSchema, stampSchemas, textOrNull } from "../schema.ts";

/** An account as the API shows it. */
export interface AccountJson {
  readonly id: string;
  readonly name: string;
  readonly plan: string | null;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export const accountSchema: TUnsafe<AccountJson> = recordSchema<AccountJson>(
  "Account",
  {
    id: Type.String({ description: "`acc_…`" }),
    name: Type.String({ description: "1 to 100 characters; no two accounts' names read alike." }),
    plan: textOrNull("A plan of the policy; null has the policy's own quotas."),
    ...stampSchemas,
  },
  {
    description: "A customer: who has keys, a plan, and a name.",
    examples: [
      {
        id: "acc_01k5j8y3m2q4r6s8t0v2w4x6z8",
        name: "Example Ltd",
        plan: "pro",
        version: 1,
        created_at: "2030-01-01T00:00:00.000Z",
        updated_at: "2030-01-01T00:00:00.000Z",
      },
    ],
  },
);

export function accountJson({ id, name, plan, version, createdAt, updatedAt }: Account): AccountJson {
  return { id, name, plan: plan ?? null, version, created_at: isoOf(createdAt), updated_at: isoOf(updatedAt) };
}
