import type { Finding } from "../problem.ts";
import type { PolicyFile } from "../schema/policy-file.ts";
import { suggest } from "../spelling.ts";

/** Texts for what the file does not have: nobody would ever read them. */
export function docsFaults({ docs, limits }: PolicyFile, endpoints: readonly string[]): Finding[] {
  return [
    ...unknownNames(
      "limits",
      docs?.limits,
      limits.map(({ name }) => name),
    ),
    ...unknownNames("endpoints", docs?.endpoints, endpoints),
  ];
}

const CODES = { limits: "HG_POLICY_UNKNOWN_LIMIT", endpoints: "HG_POLICY_UNKNOWN_ENDPOINT" } as const;

function unknownNames(
  field: keyof typeof CODES,
  texts: Readonly<Record<string, string>> | undefined,
  known: readonly string[],
): Finding[] {
  return Object.keys(texts ?? {})
    .filter((name) => !known.includes(name))
    .map((name) => ({
      code: CODES[field],
      message: `there is no ${field.slice(0, -1)} "${name}"`,
      hint: suggest(name, known, field),
      path: ["docs", field, name],
      isAboutKey: true,
    }));
}
