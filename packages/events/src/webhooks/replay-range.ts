import Type, { type TObject, type TOptional, type TString, type TUnsafe } from "typebox";
import { Refusal } from "../problem.ts";

/** Which events are to be sent again, as a body says it. */
export interface ReplayRangeJson {
  readonly from: string;
  readonly to?: string;
}

/** How many events those are. */
export interface ReplayJson {
  readonly events: number;
}

export const replayRangeSchema: TObject<{ from: TString; to: TOptional<TString> }> = Type.Object(
  {
    from: instant("Events received then or later."),
    to: Type.Optional(instant("Events received then or before. Default: now.")),
  },
  { additionalProperties: false },
);

export const replaySchema: TUnsafe<ReplayJson> = Type.Unsafe<ReplayJson>(
  Type.Object(
    { events: Type.Integer({ minimum: 0, description: "How many events are sent again." }) },
    { $id: "Replay", additionalProperties: false },
  ),
);

/** Epoch ms. Throws `HG_EVENTS_BODY` where it ends before it begins. */
export function replayRangeOf({ from: start, to: end }: ReplayRangeJson, now: number): { from: number; to: number } {
  const [from, to] = [Date.parse(start), end === undefined ? now : Date.parse(end)];
  if (from <= to) return { from, to };
  const [field, detail] = end === undefined ? ["from", "is in the future"] : ["to", "is before `from`"];
  throw new Refusal("HG_EVENTS_BODY", `\`${field}\` ${detail}`, { faults: [{ pointer: `#/${field}`, detail }] });
}

function instant(description: string): TString {
  return Type.String({ format: "date-time", description, examples: ["2031-01-01T00:00:00Z"] });
}
