import type { Finding } from "../problem.ts";
import type { PolicyFile } from "../schema/policy-file.ts";
import { callerFaults, endpointFaults } from "./caller-faults.ts";
import { eventsFaults } from "./events-faults.ts";
import { limitFaults } from "./limit-faults.ts";
import { managedFaults } from "./managed-faults.ts";
import { notYetFaults } from "./not-yet.ts";
import { placeholderFaults } from "./placeholder-faults.ts";
import { storeFaults } from "./store-faults.ts";

/** What is wrong with a file whose shape is right. */
export function meaningFaults(file: PolicyFile): Finding[] {
  return [
    ...notYetFaults(file),
    ...callerFaults(file),
    ...managedFaults(file),
    ...eventsFaults(file),
    ...endpointFaults(file),
    ...limitFaults(file),
    ...placeholderFaults(file),
    ...storeFaults(file),
  ];
}
