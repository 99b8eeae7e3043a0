import type { LogReading } from "../../src/log/read-log.ts";
import type { LogReport } from "../../src/log-report.ts";
import type { LoggedRequest } from "../../src/logged-request.ts";

const NO_FAULTS: LogReport = { files: ["made.ndjson"], bytes: 0, lines: 0, faults: [] };

/** Requests at hand, as what reads logs gives them. */
export function readingOf(requests: readonly LoggedRequest[], log: LogReport = NO_FAULTS): LogReading {
  async function* batches(): AsyncGenerator<readonly LoggedRequest[]> {
    for (let i = 0; i < requests.length; i += 1000) yield requests.slice(i, i + 1000);
  }
  return { batches: batches(), bytesRead: 0, report: () => log };
}
