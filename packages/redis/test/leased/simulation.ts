import type { Limit, Verdict } from "@headgate/core";
import { Counters } from "./counters.ts";
import { randomOf } from "./random.ts";
import { SimulatedCentre, type Weather } from "./simulated-centre.ts";
import { VirtualTime } from "./virtual-time.ts";
import { type Counting, leasing, type WayToCount } from "./ways-to-count.ts";

/** What a run is about. Everything else follows from it and its seed; when requests come, and nodes die, from nothing else. */
export interface Scenario {
  readonly seed: number;
  /** Every request meets all of them. */
  readonly limits: readonly Limit[];
  /** Requests a second at each node. */
  readonly demand: readonly number[];
  /** Requests come to a node in stretches of this length, with as long a silence between; 0 for all the time. */
  readonly burstMs: number;
  readonly durationMs: number;
  readonly weather: Weather;
  /** How often a node dies and comes back with nothing, on average; 0 for never. */
  readonly crashEveryMs: number;
  /** How far clocks may run fast or slow, as a share of time. */
  readonly drift: number;
  /** Costs are from 1 to this. */
  readonly mostCost: number;
  /** The share of admitted requests whose charge is given back after a while. */
  readonly refunded: number;
}

/** Units of a limit that were admitted or, below zero, given back; and the instants of the centre's clock between which that was. */
export interface Movement {
  readonly limit: Limit;
  readonly units: number;
  readonly ticket: number;
  readonly from: number;
  readonly to: number;
}

export interface Run {
  readonly movements: readonly Movement[];
  readonly requests: number;
  readonly calls: number;
}

type Ticketed = Pick<Verdict, "limit" | "ticket">;

/** When the centre's clock starts, epoch ms; on no window's edge. */
const START = 1_900_000_012_345;

/** A process with a clock of its own, until it dies. */
interface Node {
  readonly store: Counting;
  readonly stop: () => void;
}

/** Runs nodes that share a limit and a centre, one partition's requests coming at random, in virtual time. */
export async function simulate(
  scenario: Scenario,
  wayToCount: WayToCount = leasing,
  counters = new Counters(),
): Promise<Run> {
  const { seed, limits, demand, burstMs, durationMs, weather, crashEveryMs, drift, mostCost, refunded } = scenario;
  const random = randomOf(seed);
  const time = new VirtualTime();
  const clockFrom = (start: number): (() => number) => {
    const pace = 1 + drift * (2 * random() - 1);
    return () => Math.floor(start + time.now * pace);
  };
  const centreClock = clockFrom(START);
  const movements: Movement[] = [];
  let requests = 0;
  let calls = 0;
  let started = 0;

  /** Starts a node. A new one knows nothing of the one that it replaces. */
  function start(): Node {
    started += 1;
    const clock = clockFrom(1 + Math.floor(random() * 1e9));
    const centre = new SimulatedCentre(`node ${started}`, counters, time, centreClock, weather, random);
    let isAlive = true;
    const store = wayToCount({
      centre,
      centreClock,
      clock,
      every: (intervalMs, run) => time.every(intervalMs, () => isAlive && run()),
      processes: () => demand.length,
    });
    const stop = () => {
      isAlive = false;
      calls += centre.calls;
    };
    return { store, stop };
  }

  const nodes = demand.map(start);

  /** One request at a node; what becomes of it is noted unless the node has died meanwhile. */
  function request(place: number, cost: number): void {
    const { store } = nodes[place] as Node;
    const claims = limits.map((limit) => ({ limit, partition: "caller", cost }));
    const from = centreClock();
    requests += 1;
    const answer = store.consume(claims, Math.floor(random() * 2e12));
    const move = (units: number, verdicts: readonly Ticketed[], from: number): void => {
      for (const { limit, ticket } of verdicts) movements.push({ limit, units, ticket, from, to: centreClock() });
    };
    const note = (verdicts: Awaited<typeof answer>): void => {
      if (nodes[place]?.store !== store || !verdicts.every(({ admitted }) => admitted)) return;
      move(cost, verdicts, from);
      if (random() < refunded) time.after(random() * LONGEST_ANSWER_MS, () => giveBack(verdicts), true);
    };
    const giveBack = (verdicts: readonly Ticketed[]): void => {
      if (nodes[place]?.store !== store) return;
      move(-cost, verdicts, centreClock());
      const charges = claims.map((claim, i) => ({ claim, ticket: verdicts[i]?.ticket ?? -1 }));
      Promise.resolve(store.refund(charges, 0)).catch(() => {});
    };
    if (answer instanceof Promise) answer.then(note, () => {});
    else note(answer);
  }

  for (const [place, perSecond] of demand.entries()) {
    const chance = randomOf(seed + 7_001 * (place + 1));
    const phase = chance() * 2;
    const isSilent = (): boolean => burstMs > 0 && Math.floor(time.now / burstMs + phase) % 2 === 1;
    const next = (): void => {
      time.after((-Math.log(1 - chance()) * 1_000) / perSecond, () => {
        if (!isSilent()) request(place, 1 + Math.floor(chance() * mostCost));
        next();
      });
    };
    if (perSecond > 0) next();
  }
  const fate = randomOf(seed + 7_001 * (demand.length + 1));
  const crash = (): void => {
    time.after(-Math.log(1 - fate()) * crashEveryMs, () => {
      const place = Math.floor(fate() * nodes.length);
      nodes[place]?.stop();
      nodes[place] = start();
      crash();
    });
  };
  if (crashEveryMs > 0) crash();

  await time.runUntil(durationMs);
  for (const node of nodes) node.stop();
  return { movements, requests, calls };
}

/** How long after its admission a request may be given back. */
const LONGEST_ANSWER_MS = 1_000;
