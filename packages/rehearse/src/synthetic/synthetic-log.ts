import type { LoggedRequest } from "../logged-request.ts";
import { syntheticTraffic } from "./synthetic-traffic.ts";
import type { TrafficSpec } from "./traffic-spec.ts";

/** Characters of a chunk, and a line more. */
const CHUNK = 65_536;

/** Synthetic traffic as an NDJSON log, in chunks of whole lines. */
export function* syntheticLog(spec: TrafficSpec): Generator<string> {
  let lines = "";
  for (const request of syntheticTraffic(spec)) {
    lines += `${toLine(request)}\n`;
    if (lines.length < CHUNK) continue;
    yield lines;
    lines = "";
  }
  if (lines !== "") yield lines;
}

function toLine({ time, method, target, ip, headers, status }: LoggedRequest): string {
  return JSON.stringify({ time, method, path: target, ip, headers, status });
}
