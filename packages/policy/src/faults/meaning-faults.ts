import { endpointNames } from "../endpoints.ts";
import type { ApiEndpoints } from "../open-api/api-endpoints.ts";
import type { Finding } from "../problem.ts";
import type { PolicyFile } from "../schema/policy-file.ts";
import { callerFaults, endpointFaults } from "./caller-faults.ts";
import { docsFaults } from "./docs-faults.ts";
import { eventsFaults } from "./events-faults.ts";
import { limitFaults } from "./limit-faults.ts";
import { managedFaults } from "./managed-faults.ts";
import { placeholderFaults } from "./placeholder-faults.ts";
import { storeFaults } from "./store-faults.ts";

/** What is wrong with a file whose shape is right; `api` is what it takes from an OpenAPI document. */
export function meaningFaults(file: PolicyFile, api: ApiEndpoints): Finding[] {
  const endpoints = endpointNames(file.endpoints, api);
  return [
    ...callerFaults(file),
    ...managedFaults(file),
    ...eventsFaults(file),
    ...endpointFaults(file),
    ...limitFaults(file, endpoints),
    ...placeholderFaults(file),
    ...storeFaults(file),
    ...docsFaults(file, endpoints),
  ];
}
