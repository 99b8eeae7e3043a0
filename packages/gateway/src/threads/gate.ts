import type { MessagePort } from "node:worker_threads";
import type { StoreNumbers } from "@headgate/control";
import type { MirroredDirectory } from "@headgate/control/lookup";
import type { Awaitable } from "@headgate/core";
import type { Policy } from "@headgate/policy";
import type { ChangeCounts } from "../change-counts.ts";
import { createGateway, type GatewayOptions } from "../gateway.ts";
import { withStandingAnswers } from "../standing-answers.ts";
import { CallPort } from "./call-port.ts";
import type { DeskCalls, GateCalls, PolicySource } from "./gate-calls.ts";
import { remoteBuiltin } from "./remote-builtin.ts";
import { remoteRecords } from "./remote-records.ts";

/** What a thread needs to keep a gate, besides what it asks the main thread for. */
export interface GateOptions extends Omit<GatewayOptions, "control" | "builtin" | "onLimit" | "onDecisions"> {
  readonly directory: MirroredDirectory;
  /** Of the built-in API. */
  readonly maxBodyBytes: number;
  /** What the built-in API counts its changes by. */
  readonly changes: ChangeCounts;
  /** Compiles a policy that the main thread has compiled without faults. */
  readonly compile: (policy: PolicySource) => Policy;
  /** What this thread has seen of its store; undefined of one in memory. */
  readonly storeNumbers?: (() => StoreNumbers) | undefined;
  /** Lets go of what this thread has opened for itself. */
  readonly close: () => Awaitable<void>;
}

/** Keeps a gate in this thread, as the main one tells it to through `port`. Throws as {@link createGateway} does. */
export function keepGate(port: MessagePort, options: GateOptions): void {
  const { directory, maxBodyBytes, changes, compile, storeNumbers, close, ...gatewayOptions } = options;
  const calls: GateCalls = {
    listen: async (where) => (await gateway.listen(where)).port,
    listenForAcceptor: async (secret) => (await gateway.listenForAcceptor(secret)).port,
    reload: (source) => gateway.reload(compile(source)),
    storeNumbers: () => storeNumbers?.(),
    async drain() {
      await gateway.drain();
      await close();
    },
  };
  const desk = new CallPort<DeskCalls, GateCalls>(port, calls);
  const builtin = remoteBuiltin(desk, maxBodyBytes, (identity) => directory.toReference(identity));
  const gateway = createGateway({
    ...gatewayOptions,
    control: remoteRecords(desk, directory),
    builtin: withStandingAnswers(builtin, changes),
    onLimit: (notice, term) => desk.tell("noteLimit", { notice, term }),
    onDecisions: (counts) => desk.tell("noteDecisions", counts),
  });
}
