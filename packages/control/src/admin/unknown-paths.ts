import type { RouteOptions } from "fastify";
import type { AdminApp } from "./admin-options.ts";
import { Refusal } from "./refusal.ts";

/** One path of the API, and the methods that it answers. */
interface KnownPath {
  readonly fits: RegExp;
  readonly methods: Set<string>;
}

/**
 * Answers what no route does: 405 where the path is known under another method, else 404. Before anything is read of the
 * body. Routes that are added after this are known.
 */
export function refuseUnknownPaths(app: AdminApp): void {
  const known = new Map<string, KnownPath>();

  app.addHook("onRoute", ({ url, method }: RouteOptions) => {
    const path = known.get(url) ?? { fits: new RegExp(`^${url.replace(/:\w+/g, "[^/]+")}$`), methods: new Set() };
    for (const name of [method].flat()) path.methods.add(name);
    known.set(url, path);
  });

  // After all `onRequest` hooks, so that who may not ask is not told, and before the body.
  app.addHook("preParsing", async (request) => {
    if (request.is404) throw refusalOf(known, request.url.split("?", 1)[0] as string);
  });
}

function refusalOf(known: ReadonlyMap<string, KnownPath>, path: string): Refusal {
  const methods = [...known.values()].filter(({ fits }) => fits.test(path)).flatMap((each) => [...each.methods]);
  if (methods.length === 0) {
    return new Refusal("HG_ADMIN_PATH", "There is nothing at this path; /admin/v1/openapi.json lists what there is.");
  }
  const allow = [...new Set(methods)].toSorted().join(", ");
  return new Refusal("HG_ADMIN_METHOD", `This path answers ${allow}.`, { headers: { Allow: allow } });
}
