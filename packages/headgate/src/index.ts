export { HEADGATE_ERRORS } from "./errors.ts";
export { run } from "./run.ts";
export { type Serving, type ServingOptions, startServing } from "./serving.ts";
