import { readFileSync } from "node:fs";
import { loadPolicy, type Policy } from "@headgate/policy";

/** The text, or the fields, as a policy; `api` is the OpenAPI document beside it. Fails where it is not one. */
export function policyOf(fields: string | object, api?: string): Policy {
  const text = typeof fields === "string" ? `headgate: 1\n${fields}` : JSON.stringify({ headgate: 1, ...fields });
  const { policy, problems } = loadPolicy(text, { readFile: () => api ?? "" });
  if (!policy) throw new Error(`not a policy: ${JSON.stringify(problems)}`);
  return policy;
}

/** One of the policies that come with Headgate. */
export function policyNamed(name: string): Policy {
  const text = readFileSync(new URL(`../../../policies/${name}.yaml`, import.meta.url), "utf8");
  return loadPolicy(text, { file: name }).policy as Policy;
}

/** The names of those that stand for an API. */
export const SYSTEMS = ["logproof", "initial-state", "keymint", "measurabl", "prolifi"];
