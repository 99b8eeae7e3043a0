import { type ApiDocument, type ApiPathItem, isObject } from "./document.ts";

/**
 * The paths that an operation's servers have before its own, each once and without a slash at the end. An operation's
 * servers come before its path's, and those before the document's; without any there is nothing before it.
 */
export function basePathsOf(
  document: ApiDocument,
  item: ApiPathItem,
  operation: Readonly<Record<string, unknown>>,
): readonly string[] {
  const servers = [operation.servers, item.servers, document.servers].find(
    (list) => Array.isArray(list) && list.length > 0,
  ) as readonly unknown[] | undefined;
  return [...new Set((servers ?? [{ url: "/" }]).map(pathOf))];
}

function pathOf(server: unknown): string {
  const { url = "/", variables } = isObject(server) ? server : {};
  const filled = String(url).replace(/\{([^{}]+)\}/g, (_, name: string) => defaultOf(variables, name));
  const path = filled
    .replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/?#]*/i, "")
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, "");
  return path === "" || path.startsWith("/") ? path : `/${path}`;
}

function defaultOf(variables: unknown, name: string): string {
  const variable = isObject(variables) && Object.hasOwn(variables, name) ? variables[name] : undefined;
  return isObject(variable) ? String(variable.default ?? "") : "";
}
