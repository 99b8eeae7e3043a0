import type { MirroredDirectory } from "@headgate/control/lookup";
import type { Records } from "../records.ts";
import type { CallPort } from "./call-port.ts";
import type { DeskCalls, GateCalls } from "./gate-calls.ts";

/** Records that the main thread keeps: looked up here, in a mirror of its directory, and changed there. */
export function remoteRecords(desk: CallPort<DeskCalls, GateCalls>, directory: MirroredDirectory): Records {
  return {
    directory,
    tokens: { mint: (fields, by) => desk.call("mint", { fields, by }) },
    suspensions: { suspend: (fields, by) => desk.call("suspend", { fields, by }) },
  };
}
