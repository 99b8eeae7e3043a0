import type { Finding, Path } from "../problem.ts";
import { type PolicyFile, policyFileSchema } from "../schema/policy-file.ts";

/**
 * A file without all whose shape is wrong, so that it can be said what else is; undefined where no policy is left. Names
 * stay, and so do the places of limits: what others say of them is judged as it would be.
 */
export function soundPart(file: unknown, faults: readonly Finding[]): PolicyFile | undefined {
  const part = structuredClone(file);
  for (const { path } of faults) if (!takeOut(part, path)) return undefined;
  const parsed = policyFileSchema.safeParse(part);
  if (parsed.success) return parsed.data;
  // What lacks something that it must have goes as a whole, such as a suspension without its time.
  for (const { path } of parsed.error.issues) takeOut(part, path.slice(0, 1) as Path);
  return policyFileSchema.safeParse(part).data;
}

/** Takes out a field, or puts a sound one in its place. Of a list nothing goes alone: the others would move up. */
function takeOut(file: unknown, path: Path): boolean {
  const name = path.findLastIndex((segment) => typeof segment === "string");
  let parent = file;
  for (const segment of path.slice(0, Math.max(0, name))) parent = fieldsOf(parent)?.[segment];
  const fields = fieldsOf(parent);
  const field = path[name];
  if (fields === undefined || field === undefined) return false;
  const standIn = standInFor(path.slice(0, name + 1));
  if (standIn === undefined) delete fields[field];
  else fields[field] = standIn;
  return true;
}

function standInFor([section, entry, field]: Path): unknown {
  if (entry === undefined) return section === "headgate" ? 1 : section === "limits" ? [] : undefined;
  if (section === "limits") return field === "name" ? "unnamed" : undefined;
  if (field !== undefined) return undefined;
  if (section === "callers") return {};
  return section === "endpoints" && entry !== "openapi" ? "/" : undefined;
}

function fieldsOf(value: unknown): Record<string | number, unknown> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string | number, unknown>) : undefined;
}
