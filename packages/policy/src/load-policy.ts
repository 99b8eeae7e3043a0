import { compilePolicy } from "./compile.ts";
import { isCertain, openPlaces } from "./faults/certainty.ts";
import { meaningFaults } from "./faults/meaning-faults.ts";
import { hintOf, shapeFaults } from "./faults/shape-faults.ts";
import { soundPart } from "./faults/sound-part.ts";
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
 * Reads a policy file. A text that is YAML is told all at once what is wrong with its shape, with the OpenAPI file that it
 * may name, and with its meaning, as far as that stands whatever becomes of the rest. Lints are for files without faults.
 */
export function loadPolicy(text: string, options: LoadOptions = {}): LoadedPolicy {
  const source = new YamlSource(text);
  const unreadable = source.faults();
  if (unreadable.length > 0) return { problems: inOrder(unreadable) };

  const value = source.value();
  const name = options.file ?? "policy.yaml";
  const parsed = policyFileSchema.safeParse(value, { error: hintOf });
  const faults = parsed.success
    ? []
    : shapeFaults(parsed.error.issues, { value, writtenAt: (path) => source.writtenAt(path) });
  const file = parsed.success ? parsed.data : soundPart(value, faults);
  const api = readApiFile(file?.endpoints ?? {}, name, options.readFile);
  if ("code" in api) faults.push(api);
  if (file) {
    const open = openPlaces(faults);
    faults.push(...meaningFaults(file, "code" in api ? NO_API : api).filter((fault) => isCertain(fault, open)));
  }
  if (file === undefined || "code" in api || faults.length > 0) {
    return { problems: inOrder(faults.map((fault) => source.locate(fault))) };
  }
  const lints = lintsOf(file, api).map((lint) => source.locate(lint));
  return { policy: compilePolicy(file, name, api), problems: inOrder(lints) };
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
