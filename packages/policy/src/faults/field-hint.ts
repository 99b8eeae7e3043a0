import { nearestWord, suggest } from "../spelling.ts";

/** What other rate limiters call fields of this format. */
const CALLED_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  rate: ["quota", "window"],
  limit: ["quota"],
  max: ["quota"],
  requests: ["quota"],
  period: ["window"],
  interval: ["window"],
  duration: ["window"],
  key: ["per"],
  by: ["per"],
};

const EXAMPLES: Readonly<Record<string, string>> = { quota: "quota: 100", window: "window: 1m", per: "per: ip" };

/** YAML 1.1 puts another map's fields in its place; YAML 1.2 has no such thing. */
export const MERGE_KEY = "<<";

/** What to write instead of a field that is not known here. */
export function fieldHint(field: string, known: readonly string[]): string {
  if (field === MERGE_KEY)
    return "merge keys are not read: write the fields out, or have an alias stand for a whole value";
  const meant = calledElsewhere(field, known);
  if (meant.length > 0) return `write ${meant.map((name) => EXAMPLES[name]).join(" and ")}`;
  return suggest(field, known, "fields here");
}

/** The fields that were most likely meant by one that is not known here. */
export function fieldsMeant(field: string, known: readonly string[]): readonly string[] {
  const meant = calledElsewhere(field, known);
  const nearest = meant.length > 0 ? undefined : nearestWord(field, known);
  return nearest === undefined ? meant : [nearest];
}

function calledElsewhere(field: string, known: readonly string[]): readonly string[] {
  const names = Object.hasOwn(CALLED_ELSEWHERE, field) ? (CALLED_ELSEWHERE[field] ?? []) : [];
  return names.filter((name) => known.includes(name));
}
