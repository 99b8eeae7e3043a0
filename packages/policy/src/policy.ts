import type { HeaderFormat, Limit } from "@headgate/core";
import type { CallerReader } from "./callers.ts";
import type { DocsPolicy } from "./docs-policy.ts";
import type { Endpoints } from "./endpoints.ts";
import type { EventsPolicy } from "./events-policy.ts";
import type { ExampleRequest } from "./example-request.ts";
import type { Facts } from "./facts.ts";
import type { Unmet } from "./matcher.ts";
import type { MatchSection } from "./schema/match.ts";
import type { StorePolicy } from "./store-policy.ts";

/** A policy file, read and compiled: everything a gate needs to enforce it, and nothing it must look up again. */
export interface Policy {
  readonly title: string;
  /** Undefined where the file names none: good for checking and rehearsing, not for serving. */
  readonly upstream: Upstream | undefined;
  readonly credentials: "presented" | "managed" | "upstream";
  /** What the built-in events API is to do, where the upstream is that. */
  readonly events: EventsPolicy;
  /** Reads who is calling. */
  readonly callers: CallerReader;
  /** In lower case: no other request header changes what the policy says of a request. */
  readonly headersRead: ReadonlySet<string>;
  readonly endpoints: Endpoints;
  /** In the file's order. */
  readonly limits: readonly PolicyLimit[];
  readonly bodyCaps: readonly BodyCap[];
  readonly responses: Responses;
  /** Add an ETag to GET answers that lack one, and answer 304 where If-None-Match holds. */
  readonly isConditional: boolean;
  /** Where counters live; undefined where the file does not say. */
  readonly store: StorePolicy | undefined;
  /** How many counters this process's own memory has room for. */
  readonly maxPartitions: number;
  /** The plans that limits and the retention of events speak of, each once. */
  readonly plans: readonly string[];
  /** What denials end in. */
  readonly suspensionRules: readonly SuspensionRule[];
  /** How credentials that Headgate issues for this policy begin, and where callers get tokens. */
  readonly issuing: Issuing;
  /** Something to try it with. */
  readonly example: ExampleRequest;
  /** For the pages that callers read. */
  readonly docs: DocsPolicy;
}

export type Upstream =
  | { readonly kind: "http"; readonly url: URL }
  | { readonly kind: "builtin"; readonly name: "events" };

/** A limit, with the policy's part of it: whom it meets, whom it counts, and what a request costs. */
export interface PolicyLimit {
  /** What callers without a plan get. */
  readonly limit: Limit;
  /** What callers of a plan get instead, by plan. Same counter, other quota. */
  readonly plans: ReadonlyMap<string, Limit>;
  /** `match` as the file says it; empty where it says nothing. */
  readonly matchSection: MatchSection;
  /** Whether all fields of `match` hold. */
  matches(facts: Facts): boolean;
  /** The first field of `match` that does not hold; undefined where all hold. */
  whyNot(facts: Facts): Unmet | undefined;
  /** What the partition key is made of: callers, `endpoint`, `method`. */
  readonly per: readonly string[];
  /** The partition key, or undefined when the request lacks a caller that `per` names: then the limit does not apply. */
  partitionOf(facts: Facts): string | undefined;
  readonly cost: Cost;
  /** Statuses whose responses give the charge back. */
  readonly refund: StatusTest | undefined;
  /** Only responses of these statuses are charged in the end. */
  readonly charge: StatusTest | undefined;
  /** What happens to requests while the store cannot be asked. */
  readonly onStoreError: "allow" | "deny" | "local";
  /** How this limit refuses, where it differs from the policy's `responses.limited`. */
  readonly response: ResponseTemplate | undefined;
  /** The window as written, for messages: `1m`, `month`; "" for concurrency, which has none. */
  readonly windowText: string;
}

/** So many denials of one caller in a time suspend it. */
export interface SuspensionRule {
  /** Whom: `account`, `api-key`, `token` or `ip`. */
  readonly per: "account" | "api-key" | "token" | "ip";
  readonly denials: number;
  readonly withinMs: number;
  /** Undefined: until lifted. */
  readonly forMs: number | undefined;
  /** As the file says it: `100 denials within 10m`. */
  readonly text: string;
  /** Counts the denials: `denials` a window of `withinMs`, from the first one on. */
  readonly limit: Limit;
}

/** What a policy with `credentials: managed` says of the credentials themselves. */
export interface Issuing {
  /** How keys may begin, the usual first; empty text where any will do. */
  readonly keyPrefixes: readonly string[];
  /** How tokens may begin, as {@link keyPrefixes}. */
  readonly tokenPrefixes: readonly string[];
  /** `POST` here gives a token for a key. Undefined where callers get none: unless credentials are managed, for one. */
  readonly tokenPath: string | undefined;
  /** How long a token lives that asked for nothing else. */
  readonly tokenLifetimeMs: number;
}

export type StatusTest = (status: number) => boolean;

export type Cost =
  | { readonly kind: "units"; readonly units: number }
  | { readonly kind: "bytes" }
  | { readonly kind: "items"; readonly pointer: string }
  | { readonly kind: "response-header"; readonly name: string };

/** A size limit, not a rate: bodies above it are refused with 413. */
export interface BodyCap {
  readonly name: string;
  readonly maxBytes: number;
  /** As a limit's. */
  readonly matchSection: MatchSection;
  matches(facts: Facts): boolean;
  /** As a limit's. */
  whyNot(facts: Facts): Unmet | undefined;
  readonly response: ResponseTemplate | undefined;
}

export interface Responses {
  readonly headers: HeaderFormat;
  /** What becomes of rate-limit headers that the upstream's answer carries. */
  readonly upstreamHeaders: "strip" | "keep";
  /** Constant: that many seconds, whatever the true wait. */
  readonly retryAfter: "limited" | "never" | { readonly constantSeconds: number };
  readonly limited: ResponseTemplate | undefined;
  readonly suspended: ResponseTemplate | undefined;
  readonly tooLarge: ResponseTemplate | undefined;
  readonly unauthenticated: ResponseTemplate | undefined;
}

/** A refusal as the policy writes it. Strings anywhere in the body may hold placeholders such as `{retry_after}`. */
export interface ResponseTemplate {
  readonly status: number | undefined;
  readonly contentType: string | undefined;
  /** Sent as JSON, or as it is where it is a string; undefined sends an RFC 9457 problem. */
  readonly body: unknown;
}
