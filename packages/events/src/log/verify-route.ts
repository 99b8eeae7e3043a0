import Type from "typebox";
import { jsonAnswer } from "../api/answer.ts";
import type { Route } from "../api/route.ts";
import type { EventsContext } from "../context.ts";
import type { Verdict } from "./verdict.ts";
import { Verification } from "./verification.ts";

const seq = { type: ["integer", "null"] } as const;
const count = Type.Integer({ minimum: 0, description: "Events that are as they were written." });

const verdictSchema = Type.Union(
  [
    Type.Object(
      {
        valid: Type.Literal(true),
        events: count,
        first_seq: Type.Unsafe({ ...seq, description: "The first event that is kept; null where there is none." }),
        last_seq: Type.Unsafe({ ...seq, description: "The last event when this was asked." }),
        head: Type.String({
          description: "The last event's hash: note it elsewhere, and a rewritten chain shows too.",
        }),
      },
      { additionalProperties: false },
    ),
    Type.Object(
      {
        valid: Type.Literal(false),
        events: count,
        broken_at: Type.Object(
          {
            seq: Type.Integer(),
            id: Type.Unsafe({ type: ["string", "null"], description: "Null where the event is missing." }),
            reason: Type.Unsafe({
              type: "string",
              enum: ["changed", "missing", "added", "head"],
              description:
                "`changed`: edited, put in, or moved. `missing`: there is none of this number. `added`: it is beyond the " +
                "last event, or before the first that is kept. `head`: it is not the one that the account ends with.",
            }),
          },
          { additionalProperties: false, description: "The first event that does not fit." },
        ),
      },
      { additionalProperties: false },
    ),
  ],
  { $id: "Verdict" },
);

/** What there is under `/v1/verify`. */
export function verifyRoutes({ storage }: EventsContext): readonly Route[] {
  const verification = new Verification(storage);
  return [
    {
      method: "GET",
      path: "/v1/verify",
      audience: "account",
      operation: {
        operationId: "verifyEvents",
        summary: "Verify that events are as they were written",
        description:
          "Goes through all the account's events, and computes each one's hash anew from the one before it. Whoever asks " +
          "while this is under way shares its answer.",
        tag: "Events",
        answers: {
          200: { description: "What going through them has shown.", type: "application/json", schema: verdictSchema },
        },
      },
      handle: async ({ accountId }) => jsonAnswer(200, verdictJson(await verification.verify(accountId))),
    },
  ];
}

function verdictJson({ events, firstSeq, lastSeq, head, brokenAt }: Verdict): object {
  if (!brokenAt) return { valid: true, events, first_seq: firstSeq ?? null, last_seq: lastSeq ?? null, head };
  const { id, reason } = brokenAt;
  return { valid: false, events, broken_at: { seq: brokenAt.seq, id: id ?? null, reason } };
}
