import { MemoryStore, renderHeaders } from "@headgate/core";
import { Engine, loadPolicy, type Policy, type Ruling, renderRefusal } from "@headgate/policy";
import type { VirtualClock } from "../../src/testing/virtual-clock.ts";

/** An API that keeps to a policy, as Headgate's own engine decides, on a virtual clock and at the end of a slow line. */
export interface VirtualApi {
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Every request, in the order in which they arrived. */
  readonly arrivals: { readonly at: number; readonly path: string; readonly admitted: boolean }[];
  /** How many were refused. */
  refusals(): number;
}

/** The quota and window of an API with one limit. */
export interface LimitSettings {
  readonly quota: number;
  readonly window: string;
  /** More fields of the limit, as YAML. */
  readonly more?: string;
  /** `responses.headers`, as YAML. */
  readonly headers?: string;
}

/** A policy with one limit, counted for all callers together. */
export function policyOf({ quota, window, more = "", headers = "{}" }: LimitSettings): Policy {
  return compiled(`headgate: 1
upstream: http://127.0.0.1:1
limits:
  - { name: calls, per: [], quota: ${quota}, window: ${window}, ${more} }
responses: { headers: ${headers} }
`);
}

/** The policy of a text. */
export function compiled(text: string): Policy {
  const { policy, problems } = loadPolicy(text, { file: "policy.yaml" });
  if (!policy) throw new Error(JSON.stringify(problems));
  return policy;
}

/** Opens an API. `latency` says how long each way takes, ms; `skewMs` how far its clock is ahead. */
export function virtualApi(
  policy: Policy,
  clock: VirtualClock,
  { latency = () => 0, skewMs = 0 }: { latency?: () => number; skewMs?: number } = {},
): VirtualApi {
  const engine = new Engine(policy, new MemoryStore({ maxPartitions: 1000 }));
  const arrivals: VirtualApi["arrivals"] = [];

  const answer = (method: string, path: string): Response => {
    const now = clock.now() + skewMs;
    const callers = { ip: "192.0.2.1", "api-key": "key", account: "Acme" };
    const match = engine.match({ method, path, headers: {}, callers, authenticated: true }, now);
    const { decision } = engine.decide(match, undefined, now) as Ruling;
    arrivals.push({ at: clock.now(), path, admitted: decision.allowed });
    const shown = renderHeaders(decision, policy.responses.headers, now);
    const date = ["date", new Date(now).toUTCString()];
    if (decision.allowed) return new Response("{}", { headers: [...shown, date] as [string, string][] });
    const { status, headers, body } = renderRefusal(policy, "limited", { decision, now });
    return new Response(body, { status, headers: [...headers, ...shown, date] as [string, string][] });
  };

  return {
    arrivals,
    refusals: () => arrivals.filter(({ admitted }) => !admitted).length,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      await clock.sleep(latency(), request.signal);
      const response = answer(request.method, new URL(request.url).pathname);
      await clock.sleep(latency(), request.signal);
      return response;
    },
  };
}

/** Numbers from 0 to 1 that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
