import { compileGlob } from "./glob.ts";

/** A pattern with the method it is for, if it is for one alone. */
export interface Route {
  /** As written. */
  readonly pattern: string;
  readonly method: string | undefined;
  readonly regExp: RegExp;
}

/** Takes the method off a pattern such as `POST /v1/token`. */
export function splitMethod(pattern: string): { readonly method: string | undefined; readonly path: string } {
  const [, method, path] = /^([A-Z]+) +(.*)$/.exec(pattern) ?? [];
  return path === undefined ? { method: undefined, path: pattern } : { method, path };
}

/** Compiles a pattern, which must have been checked. */
export function toRoute(pattern: string): Route {
  const { method, path } = splitMethod(pattern);
  return { pattern, method, regExp: compileGlob(path).regExp };
}

export function leadsTo(route: Route, method: string, path: string): boolean {
  return (route.method === undefined || route.method === method) && route.regExp.test(path);
}
