export { HEADGATE_ERRORS } from "./errors.ts";
export type { PolicyInForce } from "./gates.ts";
export { run } from "./run.ts";
export { type Serving, type ServingOptions, startServing } from "./serving.ts";
