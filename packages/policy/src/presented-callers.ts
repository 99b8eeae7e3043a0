import { LONGEST_VALUE } from "./caller-source.ts";
import { OWN_PREFIXES } from "./issuing.ts";
import type { CallerSection } from "./schema/callers.ts";
import { listOf } from "./text-format.ts";

/** A caller, and how bearer tokens begin that are another's. */
export interface PresentedCaller {
  readonly name: string;
  readonly section: CallerSection;
  readonly butNot: readonly string[];
  /** Characters of the longest value that counts. */
  readonly longest: number;
}

type NamedSections = readonly [name: string, section: CallerSection][];

/** The callers as the file says. */
export function asWritten(sections: NamedSections): PresentedCaller[] {
  return sections.map(([name, section]) => ({ name, section, butNot: [], longest: LONGEST_VALUE }));
}

/**
 * The callers under managed credentials, where every bearer token is somebody's credential or nobody's: one that begins
 * like none of them, or is too long to be one, is not ignored, as it would be elsewhere, but read as a key, looked up and
 * found unknown. Tokens of Headgate's own prefixes are read too, whatever the policy says. Where claims are read from
 * bearer tokens, the rest are theirs.
 */
export function asCredentials(sections: NamedSections): PresentedCaller[] {
  const own = sections.map(([name, section]) => [name, withOwnPrefixes(name, section, sections)] as const);
  const hasClaims = sections.some(([, section]) => section["jwt-claim"] !== undefined);
  const first = CREDENTIALS.find((credential) =>
    own.some(([name, { bearer }]) => name === credential && bearer !== undefined),
  );
  const others = own.filter(([name]) => name !== first).flatMap(([, section]) => prefixesOf(section));
  return own.map(([name, section]) => {
    const longest = CREDENTIALS.includes(name) ? Number.POSITIVE_INFINITY : LONGEST_VALUE;
    if (hasClaims || name !== first) return { name, section, butNot: [], longest };
    return { name, section: { ...section, bearer: true }, butNot: others, longest };
  });
}

function withOwnPrefixes(name: string, section: CallerSection, sections: NamedSections): CallerSection {
  const isBesideKeys = sections.some(([other, { bearer }]) => other === "api-key" && bearer !== undefined);
  if (name !== "token" || !isBesideKeys || prefixesOf(section).length === 0) return section;
  return { ...section, bearer: [...prefixesOf(section), OWN_PREFIXES.access, OWN_PREFIXES.widget] };
}

/** The prefixes that a caller's bearer tokens must have; none where any will do. */
function prefixesOf({ bearer }: CallerSection): readonly string[] {
  return bearer === undefined || bearer === true ? [] : listOf(bearer);
}

/** Keys first, however the file has them: else one of another prefix would be counted as a token. */
const CREDENTIALS: readonly string[] = ["api-key", "token"];
