import { parseBearer, readTarget } from "@headgate/policy";
import type { LoggedRequest } from "../logged-request.ts";
import { type EndpointGroup, groupEndpoints } from "./endpoint-group.ts";
import { RouteTree } from "./route-tree.ts";

/** Where a log says which key a request came with. */
export type KeySource = "bearer" | (typeof KEY_HEADERS)[number];

/** Headers that APIs read keys from, in lower case. */
const KEY_HEADERS = ["x-api-key", "api-key", "apikey", "x-auth-token", "x-access-token"] as const;
export const HEADERS_SURVEYED: ReadonlySet<string> = new Set(["authorization", ...KEY_HEADERS]);

/** What a first reading tells of a log: enough to know what to count in the second. */
export interface Findings {
  readonly requests: number;
  /** Beside them: requests that a gate answers with 400, whatever the limits. */
  readonly unreadable: number;
  /** Epoch ms. */
  readonly from: number;
  readonly until: number;
  /** Where most keys are; undefined for a log without any. */
  readonly keySource: KeySource | undefined;
  readonly hasAddresses: boolean;
  readonly groups: readonly EndpointGroup[];
}

/** Looks a log over. */
export class Survey {
  readonly #routes = new RouteTree();
  readonly #keys = new Map<KeySource, number>();
  #requests = 0;
  #unreadable = 0;
  #from = 0;
  #until = 0;
  #hasAddresses = false;

  note(request: LoggedRequest): void {
    const target = readTarget(request.target);
    if (!target) {
      this.#unreadable++;
      return;
    }
    if (this.#requests === 0) this.#from = request.time;
    this.#requests++;
    this.#until = request.time;
    this.#hasAddresses ||= request.ip !== undefined;
    for (const source of keySourcesOf(request)) this.#keys.set(source, (this.#keys.get(source) ?? 0) + 1);
    // Whoever looks for holes asks for thousands of paths that are none.
    if ((request.status ?? 200) < 400) this.#routes.note(target.path);
  }

  findings(): Findings {
    const [mostKeys] = [...this.#keys].toSorted(([, a], [, b]) => b - a);
    return {
      requests: this.#requests,
      unreadable: this.#unreadable,
      from: this.#from,
      until: this.#until,
      keySource: mostKeys?.[0],
      hasAddresses: this.#hasAddresses,
      groups: groupEndpoints(this.#routes.templates()),
    };
  }
}

function keySourcesOf({ headers }: LoggedRequest): KeySource[] {
  const sources: KeySource[] = KEY_HEADERS.filter((name) => headers[name] !== undefined && headers[name] !== "");
  return parseBearer(headers.authorization).kind === "token" ? ["bearer", ...sources] : sources;
}
