import { dirname, resolve } from "node:path";
import type { Finding } from "../problem.ts";
import type { EndpointsSection } from "../schema/endpoints.ts";
import { type ApiEndpoints, NO_API } from "./api-endpoints.ts";
import { parseApiDocument } from "./document.ts";
import { readEndpoints } from "./read-endpoints.ts";

/** Reads a file that a policy names, by its absolute path. Throws where it cannot. */
export type ReadFile = (path: string) => string;

const PLACE = ["endpoints", "openapi"];

/** The routes of the OpenAPI file that a policy names beside itself, or what is wrong with that. */
export function readApiFile(
  { openapi: name }: EndpointsSection,
  policyFile: string,
  readFile: ReadFile | undefined,
): ApiEndpoints | Finding {
  if (name === undefined) return NO_API;
  let text: string;
  try {
    if (readFile === undefined) throw new Error("files are not read here");
    text = readFile(resolve(dirname(policyFile), name));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file beside the policy" : message;
    const hint = "write where it is as seen from the policy file, such as api.yaml";
    return { code: "HG_POLICY_FILE", message: `${name}: ${reason}`, hint, path: PLACE };
  }
  try {
    return readEndpoints(parseApiDocument(text));
  } catch (error) {
    const hint = "name an OpenAPI 3.0 or 3.1 document in YAML or JSON, all of it in one file";
    return { code: "HG_POLICY_OPENAPI", message: `${name}: ${(error as Error).message}`, hint, path: PLACE };
  }
}
