import type { Endpoints } from "./endpoints.ts";
import { callerSectionsOf } from "./schema/callers.ts";
import type { PolicyFile } from "./schema/policy-file.ts";
import { listOf } from "./text-format.ts";

/** A request to try a policy with: one that its first limit is likely to count. */
export interface ExampleRequest {
  readonly path: string;
  /** Written as `name: value`; none where the policy asks for none. */
  readonly headers: readonly string[];
}

export function exampleRequest({ callers, credentials, limits }: PolicyFile, endpoints: Endpoints): ExampleRequest {
  const rate = limits.find(({ quota }) => quota !== undefined);
  const [group] = listOf(rate?.match?.endpoint ?? []);
  const [pattern = "/"] = listOf(rate?.match?.path ?? endpoints.groups.get(group ?? "") ?? []);
  const per = listOf(rate?.per ?? []);
  // Where credentials are issued here, whoever has one is let further in than who has none.
  const names = credentials === "managed" ? [...per, "api-key", "token"] : per;
  const wanted = callerSectionsOf(callers).find(([name]) => names.includes(name));
  return { path: pathLike(pattern), headers: wanted ? headersOf(wanted[1]) : [] };
}

/** A path that a pattern matches: `/v1/**` gives `/v1/`, `POST /key/{id}` gives `/key/1`. */
function pathLike(pattern: string): string {
  const path = pattern.slice(pattern.indexOf("/"));
  return path.replaceAll("**", "").replaceAll(/\{[^}]*\}|\*/g, "1");
}

function headersOf({
  bearer,
  header,
}: {
  bearer?: true | string | string[] | undefined;
  header?: string | undefined;
}): string[] {
  if (bearer !== undefined) return [`Authorization: Bearer ${bearer === true ? "" : (listOf(bearer)[0] ?? "")}a`];
  return header === undefined ? [] : [`${header}: a`];
}
