import type { Fetch, FetchInput } from "../../src/index.ts";
import type { VirtualClock } from "../../src/testing/index.ts";

/** What an API does with a request: answers, or does not. */
export type Scene = (request: Request) => Response | Promise<Response>;

/** An API in virtual time that plays its scenes in turn, the last one again and again. */
export interface ScriptedApi {
  readonly fetch: Fetch;
  /** When requests came, ms since it was made. */
  readonly times: readonly number[];
  readonly requests: readonly Request[];
}

export function scriptedApi(clock: VirtualClock, ...scenes: readonly Scene[]): ScriptedApi {
  const start = clock.now();
  const times: number[] = [];
  const requests: Request[] = [];
  return {
    times,
    requests,
    fetch: async (input: FetchInput, init?: RequestInit) => {
      const request = new Request(input, init);
      const scene = scenes[Math.min(times.length, scenes.length - 1)] as Scene;
      times.push(clock.now() - start);
      requests.push(request);
      return scene(request);
    },
  };
}

export const fine: Scene = () => new Response("fine");

/** A refusal that has these headers, made when the request comes. */
export function refusal(headers: Record<string, string> = {}, body: string | null = "too many", status = 429): Scene {
  return () => new Response(body, { status, headers });
}

export const offline: Scene = () => {
  throw new TypeError("fetch failed");
};
