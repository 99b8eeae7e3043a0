import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { HeadgateError } from "@headgate/core";
import type { Policy, Problem } from "@headgate/policy";
import { PolicyFaults } from "./policy-faults.ts";

const packed = new URL("../policies/default.yaml", import.meta.url);
const cloned = new URL("../../../policies/default.yaml", import.meta.url);

/** The policy that `serve` enforces when it is given none. A published package carries it; in a clone it is at the root. */
export const DEFAULT_POLICY: string = fileURLToPath(existsSync(packed) ? packed : cloned);

/** A policy file that has been read: what it compiles to, unless it has faults, and what is wrong with it. */
export interface ReadPolicy {
  readonly file: string;
  readonly text: string;
  /** The texts of the files that it names, such as an OpenAPI document, by their paths; "" for what cannot be read. */
  readonly beside: Readonly<Record<string, string>>;
  readonly policy: Policy | undefined;
  readonly problems: readonly Problem[];
  /** The problems as people and editors read them; "" where there is none. */
  readonly report: string;
}

/** One without faults. */
export type GoodPolicy = ReadPolicy & { readonly policy: Policy };

const REASONS: Record<string, string> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "this user may not read it",
};

/** Reads and compiles a policy file. Throws `HG_POLICY_UNREADABLE` when it cannot be read. */
export async function readPolicy(file: string): Promise<ReadPolicy> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const reason = REASONS[code] ?? message;
    throw new HeadgateError("HG_POLICY_UNREADABLE", `${file}: ${reason}`, { cause: error });
  }
  // What does without policies starts sooner without the code that reads them.
  const { formatProblems, loadPolicy } = await import("@headgate/policy");
  const beside: Record<string, string> = {};
  const { policy, problems } = loadPolicy(text, {
    file,
    readFile(path) {
      beside[path] = "";
      beside[path] = readFileSync(path, "utf8");
      return beside[path];
    },
  });
  return { file, text, beside, policy, problems, report: formatProblems(file, problems) };
}

/** Reads a policy that must be without faults. Throws {@link PolicyFaults} too. */
export async function readGoodPolicy(file: string): Promise<GoodPolicy> {
  const { policy, ...read } = await readPolicy(file);
  if (policy) return { ...read, policy };
  throw new PolicyFaults(file, read.problems, read.report);
}
