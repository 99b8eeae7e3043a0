import {
  type BodyCap,
  type Engine,
  type Facts,
  type Match,
  type PolicyLimit,
  readTarget,
  type StandingMatch,
} from "@headgate/policy";
import { type LoggedRequest, NO_HEADERS } from "../logged-request.ts";
import type { Count } from "../tally/count.ts";
import type { LimitCount } from "../tally/limit-count.ts";
import type { Tally } from "../tally/tally.ts";
import { NearBy } from "./near-by.ts";

/** Methods and targets that a policy does not tell apart: whoever comes without a credential meets the same limits at all. */
export interface Zone {
  /** Among the zones, from 0. */
  readonly number: number;
  /** Of somebody who meets it, but for who that is. */
  readonly facts: Facts;
  readonly standing: StandingMatch;
  readonly bodyCap: BodyCap | undefined;
  readonly endpoint: Count;
  readonly limits: readonly LimitCount[];
}

/** Then all are forgotten: whoever asks for ever new paths takes no more memory than these do. */
const MOST_TARGETS = 10_000;
/** Characters of a target; longer ones are looked at each time. */
const LONGEST_TARGET = 256;
/** Whose targets are near by: as many as HTTP has. Those of others, which a log may make up, are looked for. */
const MOST_METHODS = 9;
/** More would be of methods that are none, where a limit counts by method. */
const MOST_ZONES = 1_000;

/** Remembers in which zones requests are. */
export class Zones {
  readonly #engine: Engine;
  readonly #tally: Tally;
  readonly #readsQuery: boolean;
  readonly #numbers: ReadonlyMap<PolicyLimit, number>;
  /** By what tells them apart. */
  readonly #zones = new Map<string, Zone | undefined>();
  /** By method and target. */
  readonly #known = new Map<string, Map<string, Zone | undefined>>();
  #targets = 0;
  // Of targets that come often, by method. The same method often comes twice in a row.
  readonly #nearBy = new Map<string, NearBy<Zone>>();
  #method = "";
  #near: NearBy<Zone> | undefined;

  constructor(engine: Engine, tally: Tally) {
    const { limits, callers } = engine.policy;
    this.#engine = engine;
    this.#tally = tally;
    this.#readsQuery = [...callers.sections.values()].some(({ query }) => query !== undefined);
    this.#numbers = new Map(limits.map((limit, i) => [limit, i]));
  }

  /**
   * Undefined where a request must be looked at: its target cannot be read or is long, or its query may tell who is
   * calling, or it meets limits that cannot be decided standing.
   */
  of({ method, target, targetNumber }: LoggedRequest): Zone | undefined {
    if (targetNumber === undefined) return this.#find(method, target);
    if (method !== this.#method) this.#turnTo(method);
    const near = this.#near?.get(target, targetNumber);
    if (near) return near;
    const zone = this.#find(method, target);
    if (zone) this.#near?.set(target, targetNumber, zone);
    return zone;
  }

  #turnTo(method: string): void {
    this.#method = method;
    this.#near = this.#nearBy.get(method);
    if (this.#near || this.#nearBy.size === MOST_METHODS) return;
    this.#near = new NearBy();
    this.#nearBy.set(method, this.#near);
  }

  #find(method: string, target: string): Zone | undefined {
    if (target.length > LONGEST_TARGET) return undefined;
    const ofMethod = this.#known.get(method);
    const zone = ofMethod?.get(target);
    return zone !== undefined || ofMethod?.has(target) ? zone : this.#remember(method, target);
  }

  #remember(method: string, target: string): Zone | undefined {
    if (this.#targets === MOST_TARGETS) {
      this.#known.clear();
      this.#targets = 0;
    }
    const { path, query } = readTarget(target) ?? {};
    const isOutside = path === undefined || (this.#readsQuery && query !== "");
    const zone = isOutside ? undefined : this.#zoneOf(method, path);
    const ofMethod = this.#known.get(method) ?? new Map<string, Zone | undefined>();
    this.#known.set(method, ofMethod.set(target, zone));
    this.#targets++;
    return zone;
  }

  /** Zones are told apart by what nobody would meet there, and by which counters. */
  #zoneOf(method: string, path: string): Zone | undefined {
    const facts = { method, path, headers: NO_HEADERS, callers: NOBODY, authenticated: false };
    const match = this.#engine.match(facts, 0);
    const pattern = this.#engine.policy.endpoints.patternOf(method, path);
    const key = this.#keyOf(match, pattern);
    if (this.#zones.has(key) || this.#zones.size >= MOST_ZONES) return this.#zones.get(key);
    const zone = this.#newZone(match, pattern);
    this.#zones.set(key, zone);
    return zone;
  }

  #keyOf({ applications, bodyCap }: Match, pattern: string): string {
    let key = `${bodyCap?.name ?? ""}\n${pattern}`;
    for (const { policyLimit, partition } of applications) key += `\n${this.#numbers.get(policyLimit)} ${partition}`;
    return key;
  }

  #newZone(match: Match, pattern: string): Zone | undefined {
    const standing = this.#engine.standing(match);
    return (
      standing && {
        number: this.#zones.size,
        facts: match.facts,
        standing,
        bodyCap: match.bodyCap,
        endpoint: this.#tally.endpoint(pattern),
        limits: this.#tally.limits(match),
      }
    );
  }
}

const NOBODY: Readonly<Record<string, string>> = { ip: "" };
