import type { PolicyOutline } from "@headgate/control";
import { Option } from "commander";
import { readGoodPolicy } from "./policy-file.ts";

/** For commands whose change a policy has a say in: where no server runs somebody must tell which. */
export function policyOption(): Option {
  return new Option(
    "--policy <policy.yaml>",
    "where no server runs: the policy that this must fit; the one last served unless given",
  );
}

/** What that policy says. Throws `HG_POLICY_UNREADABLE` or `HG_POLICY_REFUSED`. */
export async function outlineIn(policyFile: string | undefined): Promise<PolicyOutline | undefined> {
  if (policyFile === undefined) return undefined;
  const { policy } = await readGoodPolicy(policyFile);
  const { outlineOf } = await import("@headgate/control");
  return outlineOf(policy);
}
