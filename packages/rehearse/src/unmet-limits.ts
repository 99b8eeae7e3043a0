import type { Policy } from "@headgate/policy";
import type { Rehearsal } from "./rehearsal.ts";

/** What a partition key is made of that every request has. */
const ALWAYS_THERE: ReadonlySet<string> = new Set(["ip", "endpoint", "method"]);

/**
 * A sentence for each kind of caller that limits count by, and no request met any of them: a log that does not keep the
 * header with the key, as few do, would seem to say that they refuse nobody.
 */
export function unmetLimitNotes({ limits }: Policy, { requests, limits: tallies }: Rehearsal): string[] {
  const met = new Set(tallies.filter(({ met }) => met > 0).map(({ name }) => name));
  const kinds = new Set(limits.flatMap(({ per }) => per).filter((name) => !ALWAYS_THERE.has(name)));
  return [...kinds].flatMap((kind) => {
    const names = limits.filter(({ per }) => per.includes(kind)).map(({ limit }) => limit.name);
    if (requests === 0 || names.some((name) => met.has(name))) return [];
    const count = names.length === 1 ? "counts" : "count";
    return [`No request met ${names.join(", ")}, which ${count} by ${kind}: perhaps the log does not keep it.`];
  });
}
