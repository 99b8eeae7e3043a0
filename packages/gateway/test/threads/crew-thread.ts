import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { MirroredDirectory, type MirrorSource } from "@headgate/control/lookup";
import { MemoryStore } from "@headgate/core";
import { ChangeCounts, keepGate, type PolicySource } from "@headgate/gateway";
import { loadPolicy, type Policy } from "@headgate/policy";

/** The thread that the crew of these tests is made of. */
export interface CrewThreadData {
  readonly policy: PolicySource;
  readonly records: MirrorSource;
  readonly memory: SharedArrayBuffer;
  readonly changes: SharedArrayBuffer;
}

const { policy, records, memory, changes } = workerData as CrewThreadData;
const compile = ({ text }: PolicySource): Policy => loadPolicy(text).policy as Policy;
keepGate(parentPort as MessagePort, {
  policy: compile(policy),
  store: new MemoryStore(memory),
  clock: Date.now,
  log: { info() {}, warn() {}, error() {} },
  directory: new MirroredDirectory(records, Date.now),
  maxBodyBytes: 100_000,
  changes: new ChangeCounts(changes),
  compile,
  close() {},
});
