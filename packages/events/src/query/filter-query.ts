import Type, { type TOptional, type TSchema, type TString } from "typebox";
import { readTime } from "../ingest/event-time.ts";
import { Refusal } from "../problem.ts";
import type { EventFilter } from "./event-filter.ts";

/** Nothing that is kept has one, and PostgreSQL refuses to look. */
const WITHOUT_NUL = "^[^\\u0000]*$";

/** What queries for events may filter by. */
export const filterFields: Readonly<Record<keyof EventFilter, TOptional<TString>>> = {
  type: text("Only events of this type, in this case; `*` stands for any characters: `user.*`."),
  actor: text("Only what this actor did: its id."),
  target: text("Only what was done to this target: its id."),
  from: text("Only what happened then or later: ISO 8601, or epoch seconds."),
  to: text("Only what happened then or before."),
  text: text(
    "Only where this is found in the type, the actor, the target or the metadata as they were written; the case of ASCII " +
      "letters does not count.",
  ),
};

export const limitField: TSchema = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 100, default: 50, description: "How many at most." }),
);

export const cursorField: TOptional<TString> = Type.Optional(
  Type.String({ description: "`next_cursor` of the page before." }),
);

/** The filter that a query's parameters make. Throws `HG_EVENTS_QUERY`. */
export function filterOf(query: Readonly<Record<string, unknown>>): EventFilter {
  const { type, actor, target, text } = query as EventFilter;
  return { type, actor, target, from: timeOf("from", query.from), to: timeOf("to", query.to), text };
}

/** Far enough: what is asked for may lie in the future, though no event does. */
const END_OF_TIME = Date.UTC(9999, 11, 31);

function timeOf(parameter: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  // A plus sign in a query is a blank, and is meant as one nowhere in a time.
  const time = readTime(typeof value === "string" ? value.replace(" ", "+") : value, END_OF_TIME);
  if (typeof time === "number") return time;
  throw new Refusal("HG_EVENTS_QUERY", `\`${parameter}\` ${time.fault}`, {
    faults: [{ parameter, detail: time.fault }],
  });
}

function text(description: string): TOptional<TString> {
  return Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: WITHOUT_NUL, description }));
}
