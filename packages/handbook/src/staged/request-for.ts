import {
  type BodyCap,
  type DocsRequest,
  type Facts,
  listOf,
  type MatchSection,
  type Policy,
  type PolicyLimit,
} from "@headgate/policy";
import { CREDENTIALS, credentialOf } from "../credential.ts";

const ADDRESS = "203.0.113.7";
const METHODS = ["GET", "POST"];

/** What is known of a request like this one, from a caller who shows the policy's foremost credential. */
export function factsOf(policy: Policy, { method, path, headers }: DocsRequest): Facts {
  const shown = credentialOf(policy)?.caller;
  const lowerCase = Object.fromEntries([...headers].map(([name, value]) => [name.toLowerCase(), value]));
  return {
    method,
    path: withoutQuery(path),
    headers: lowerCase,
    ...callerShowing(policy, shown === undefined ? [] : [shown]),
  };
}

/** What is known of a request like this one, from a caller who shows nothing that is valid. */
export function factsOfStranger(policy: Policy, request: DocsRequest): Facts {
  return { ...factsOf(policy, request), ...callerShowing(policy, []) };
}

/**
 * A request by one of these callers that a limit or a cap applies to: the one given, if it does, else one that is made of
 * what the `match` names. Undefined where none is found.
 */
export function requestFor(
  policy: Policy,
  wanted: PolicyLimit | BodyCap,
  request: DocsRequest,
  callers: readonly Caller[] = callersOf(policy),
): Facts | undefined {
  return requestAmong(routes(policy, wanted.matchSection, request), wanted, callers);
}

/** A request to what an endpoint's pattern stands for that a limit applies to; undefined where none is found. */
export function requestTo(pattern: string, policy: Policy, limit: PolicyLimit): Facts | undefined {
  const own = methodsOf(pattern);
  const methods = own.length > 0 ? own : [...listOf(limit.matchSection.methods), ...METHODS];
  const path = pathLike(pattern);
  return requestAmong(
    methods.map((method) => [method, path]),
    limit,
    callersOf(policy),
  );
}

/** The first of these requests, by the first of these callers, that a limit or a cap applies to. */
function requestAmong(
  routes: readonly (readonly [method: string, path: string])[],
  wanted: PolicyLimit | BodyCap,
  callers: readonly Caller[],
): Facts | undefined {
  const { matchSection } = wanted;
  const headers = headersFor(matchSection);
  const [plan] = listOf(matchSection.plan);
  for (const caller of callers) {
    for (const [method, path] of routes) {
      const facts: Facts = { method, path, headers, plan, ...caller };
      if (wanted.matches(facts) && ("maxBytes" in wanted || wanted.partitionOf(facts) !== undefined)) return facts;
    }
  }
  return undefined;
}

/** What a request says of who makes it. */
export type Caller = Pick<Facts, "callers" | "authenticated">;

/** Those who show one credential, the foremost first; who shows all of them; who shows none. */
export function callersOf(policy: Policy): Caller[] {
  const names = [...policy.callers.sections.keys()];
  const foremost = credentialOf(policy)?.caller;
  const ordered = names.toSorted((a, b) => Number(b === foremost) - Number(a === foremost));
  return [
    ...ordered.map((name) => callerShowing(policy, [name])),
    callerShowing(policy, names),
    callerShowing(policy, []),
  ];
}

/** Those who show the policy's foremost credential: that alone, and with all else that there is to show. */
export function callersWithCredential(policy: Policy): Caller[] {
  const foremost = credentialOf(policy)?.caller;
  return [foremost === undefined ? [] : [foremost], [...policy.callers.sections.keys()]].map((names) =>
    callerShowing(policy, names),
  );
}

function callerShowing({ credentials }: Policy, names: readonly string[]): Caller {
  const authenticated = names.some((name) => CREDENTIALS.includes(name));
  const shown = Object.fromEntries(names.map((name) => [name, `an example of ${name}`]));
  const account = authenticated && credentials === "managed" ? { account: "an example of account" } : {};
  return { callers: { ip: ADDRESS, ...account, ...shown }, authenticated };
}

/** Methods and paths to try, those of the request at hand first. */
function routes({ endpoints }: Policy, match: MatchSection, { method, path }: DocsRequest): [string, string][] {
  const patterns = [
    ...listOf(match.endpoint).flatMap((group) => endpoints.groups.get(group) ?? []),
    ...listOf(match.path),
  ];
  const methods = [...new Set([method, ...listOf(match.methods), ...patterns.flatMap(methodsOf), ...METHODS])];
  const paths = [...new Set([withoutQuery(path), ...patterns.map(pathLike), "/"])];
  return paths.flatMap((path) => methods.map((method): [string, string] => [method, path]));
}

/** The method that a pattern such as `POST /v1/token` has before its path. */
function methodsOf(pattern: string): string[] {
  return pattern.startsWith("/") ? [] : [pattern.split(" ", 1)[0] as string];
}

/** A path that a pattern matches: `/v1/**` gives `/v1/`, `POST /key/{id}` gives `/key/1`. */
export function pathLike(pattern: string): string {
  const path = pattern.slice(pattern.indexOf("/"));
  return path.replaceAll("**", "").replaceAll(/\{[^}]*\}|\*/g, "1");
}

/** Headers with values that a `match` asks for. */
export function headersFor({ headers = {} }: MatchSection): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      value === true ? "1" : value.replaceAll("*", "1"),
    ]),
  );
}

function withoutQuery(path: string): string {
  return path.split("?", 1)[0] as string;
}
