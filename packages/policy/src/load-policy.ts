import { compilePolicy } from "./compile.ts";
import { meaningFaults } from "./faults/meaning-faults.ts";
import { hintOf, shapeFaults } from "./faults/shape-faults.ts";
import { lintsOf } from "./lints.ts";
import { NO_API } from "./open-api/api-endpoints.ts";
import { type ReadFile, readApiFile } from "./open-api/read-api-file.ts";
import type { Policy } from "./policy.ts";
import type { Problem } from "./problem.ts";
import { policyFileSchema } from "./schema/policy-file.ts";
import { YamlSource } from "./yaml-source.ts";

/** A policy that can be enforced, unless there are faults; and all that is wrong with the file, from top to bottom. */
export interface LoadedPolicy {
  readonly policy?: Policy;
  readonly problems: readonly Problem[];
}

export interface LoadOptions {
  /** Where the text is from. Files that the policy names are looked for beside it. */
  readonly file?: string;
  /** Reads the OpenAPI file that `endpoints` may name, by its absolute path; throws where it cannot. */
  readonly readFile?: ReadFile;
}

/**
 * Reads a policy file. Each step needs the one before it: YAML, then shape, then the OpenAPI file that it may name, then
 * meaning, then lints; so a file with a fault in its shape does not say yet what is wrong with its meaning.
 */
export function loadPolicy(text: string, options: LoadOptions = {}): LoadedPolicy {
  const source = new YamlSource(text);
  const unreadable = source.faults();
  if (unreadable.length > 0) return { problems: inOrder(unreadable) };

  const value = source.value();
  const parsed = policyFileSchema.safeParse(value, { error: hintOf });
  const file = options.file ?? "policy.yaml";
  const api = parsed.success ? readApiFile(parsed.data.endpoints ?? {}, file, options.readFile) : NO_API;
  if ("code" in api) return { problems: [source.locate(api)] };
  const faults = parsed.success ? meaningFaults(parsed.data, api) : shapeFaults(parsed.error.issues, value);
  if (!parsed.success || faults.length > 0) {
    return { problems: inOrder(faults.map((fault) => source.locate(fault))) };
  }
  const lints = lintsOf(parsed.data).map((lint) => source.locate(lint));
  return { policy: compilePolicy(parsed.data, file, api), problems: inOrder(lints) };
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
