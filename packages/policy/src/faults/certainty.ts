import type { Finding, Path } from "../problem.ts";
import { fieldsMeant, MERGE_KEY } from "./field-hint.ts";
import { knownFieldsAt } from "./known-fields.ts";

/** The places where a file would read otherwise once these faults of its shape are mended. */
export function openPlaces(faults: readonly Finding[]): Path[] {
  return faults.flatMap(({ code, path }) => {
    const [parent, field] = [path.slice(0, -1), String(path.at(-1))];
    if (code !== "HG_POLICY_UNKNOWN_FIELD") return [path];
    if (field === MERGE_KEY) return [parent];
    return fieldsMeant(field, knownFieldsAt(parent)).map((meant) => [...parent, meant]);
  });
}

/** Whether a fault of meaning stands, whatever is put in the places that are open yet. */
export function isCertain({ code, path }: Finding, open: readonly Path[]): boolean {
  return !open.some((place) => isWithin(place, path) || isWithin(path, place) || decides(place, code, path));
}

/** Whether what a place says decides over a fault elsewhere. */
function decides([section, entry, field]: Path, code: Finding["code"], own: Path): boolean {
  const [ownSection, ownEntry, ownField] = own;
  const isWhole = entry === undefined;
  const isOwn = section === ownSection && entry === ownEntry;
  switch (code) {
    case "HG_POLICY_UNKNOWN_CALLER":
      return section === "credentials" || (section === "callers" && isWhole);
    case "HG_POLICY_UNKNOWN_ENDPOINT":
      return section === "endpoints" && (isWhole || entry === "openapi");
    case "HG_POLICY_UNKNOWN_LIMIT":
      return section === "limits" && (isWhole || field === "name");
    case "HG_POLICY_PLACEHOLDER":
      return false;
    case "HG_POLICY_MISSING":
      if (ownSection !== "limits") break;
      return isOwn && (field === "max-body" || (field === "algorithm" && ownField === "window"));
  }
  return isOwn || section === "credentials" || section === "upstream" || (section === "callers" && field === undefined);
}

function isWithin(outer: Path, inner: Path): boolean {
  return outer.length <= inner.length && outer.every((segment, i) => segment === inner[i]);
}
