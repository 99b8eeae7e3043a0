import { DURATION } from "./instants.ts";
import type { Fault } from "./refusal.ts";

/** What a schema check finds, as Fastify passes it on. */
interface Finding {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const IS_NO_DURATION = "is not a duration: write a whole number and its unit, such as 30m, 24h or 30d";

/** More than a person reads. */
const MOST_FAULTS = 20;

/** What a schema check has found, in words for whoever wrote the request. */
export function faultsOf(findings: readonly Finding[], isBody: boolean): Fault[] {
  return findings
    .flatMap(describe)
    .slice(0, MOST_FAULTS)
    .map(({ path, detail }) =>
      isBody ? { pointer: `#${uriFragment(path)}`, detail } : { parameter: nameIn(path), detail },
    );
}

function describe({ keyword, instancePath: path, message = "", params }: Finding): { path: string; detail: string }[] {
  switch (keyword) {
    case "required":
      return (params.requiredProperties as string[]).map((name) => ({ path: `${path}/${name}`, detail: "is missing" }));
    case "boolean":
      return [{ path, detail: "is not a field of this" }];
    // Each such field is a finding of its own: `boolean`.
    case "additionalProperties":
      return [];
    case "pattern":
      return [{ path, detail: params.pattern === DURATION ? IS_NO_DURATION : "is not written as this must be" }];
    default:
      return [{ path, detail: message }];
  }
}

/** RFC 6901, section 6. A lone surrogate in a field's name cannot be encoded. */
function uriFragment(path: string): string {
  return encodeURI(path.toWellFormed()).slice(0, 200);
}

function nameIn(path: string): string {
  return path.slice(1, 101).toWellFormed();
}
