import { isPlaceholder, PLACEHOLDER_PATTERN, PLACEHOLDERS } from "../placeholders.ts";
import type { Finding, Path } from "../problem.ts";
import type { PolicyFile } from "../schema/policy-file.ts";
import { suggest } from "../spelling.ts";

/** Placeholders in the bodies of refusals that nothing would be put in for. */
export function placeholderFaults({ responses = {}, limits }: PolicyFile): Finding[] {
  const { limited, suspended, unauthenticated, "too-large": tooLarge } = responses;
  const kinds = Object.entries({ limited, suspended, unauthenticated, "too-large": tooLarge });
  return [
    ...kinds.flatMap(([kind, response]) => faultsIn(response?.body, ["responses", kind, "body"])),
    ...limits.flatMap(({ response }, i) => faultsIn(response?.body, ["limits", i, "response", "body"])),
  ];
}

function faultsIn(value: unknown, path: Path): Finding[] {
  if (typeof value === "string") return faultsInText(value, path);
  if (Array.isArray(value)) return value.flatMap((item, i) => faultsIn(item, [...path, i]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => faultsIn(item, [...path, key]));
}

function faultsInText(text: string, path: Path): Finding[] {
  return [...text.matchAll(new RegExp(PLACEHOLDER_PATTERN, "g"))].flatMap(([written, name = ""]) => {
    if (isPlaceholder(name)) return [];
    const hint = suggest(name, PLACEHOLDERS, "placeholders");
    return [{ code: "HG_POLICY_PLACEHOLDER", message: `${written} is not a placeholder`, hint, path }];
  });
}
