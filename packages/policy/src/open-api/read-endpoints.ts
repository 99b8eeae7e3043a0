import { globFault } from "../glob.ts";
import type { ApiEndpoints } from "./api-endpoints.ts";
import { basePathsOf } from "./base-path.ts";
import { type ApiDocument, type ApiPathItem, isObject, METHODS, pathsOf } from "./document.ts";
import { resolved } from "./reference.ts";

/**
 * The routes of an OpenAPI document, grouped by the tags and the operationId of their operations. Throws an Error, whose
 * message says what is wrong with the document and where.
 */
export function readEndpoints(document: ApiDocument): ApiEndpoints {
  const groups = new Map<string, string[]>();
  const templates = new Set<string>();
  for (const path of pathsOf(document)) {
    const { value: item } = resolved(document, ["paths", path]);
    for (const [method, operation] of operationsOf(item)) {
      for (const base of basePathsOf(document, item, operation)) {
        const template = templateOf(base, path);
        templates.add(template);
        for (const group of namesOf(operation)) {
          const patterns = groups.get(group) ?? [];
          groups.set(group, [
            ...patterns,
            `${method} ${template}`,
            ...(leavesHead(method, item) ? [`HEAD ${template}`] : []),
          ]);
        }
      }
    }
  }
  return { groups, templates: [...templates].toSorted(byDefiniteness) };
}

function operationsOf(item: ApiPathItem): [method: string, operation: Readonly<Record<string, unknown>>][] {
  return METHODS.flatMap((method): [string, Readonly<Record<string, unknown>>][] => {
    const operation = item[method];
    return isObject(operation) ? [[method.toUpperCase(), operation]] : [];
  });
}

function templateOf(base: string, path: string): string {
  const template = `${base}${path}`;
  const fault = path.startsWith("/") ? globFault(template) : `"${path}" does not begin with a slash`;
  if (fault !== undefined) throw new Error(`paths: ${fault}`);
  return template;
}

function namesOf({ tags, operationId }: Readonly<Record<string, unknown>>): string[] {
  const names = [...(Array.isArray(tags) ? tags : []), operationId];
  return [...new Set(names.filter((name) => typeof name === "string" && name !== ""))];
}

/** Whoever may GET may HEAD: a limit on the one that leaves the other free would be no limit. */
function leavesHead(method: string, item: ApiPathItem): boolean {
  return method === "GET" && item.head === undefined;
}

/** A path without a parameter comes before one that has it there (OpenAPI 3.1, section 4.8.8.1). */
function byDefiniteness(a: string, b: string): number {
  const [first, second] = [a.split("/"), b.split("/")];
  for (let i = 0; i < Math.min(first.length, second.length); i++) {
    const difference = Number(first[i]?.includes("{")) - Number(second[i]?.includes("{"));
    if (difference !== 0) return difference;
  }
  return 0;
}
