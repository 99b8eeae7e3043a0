import type { Issuing } from "@headgate/policy";
import { Option } from "commander";
import { readGoodPolicy } from "./policy-file.ts";

/** For commands that make a secret: how it begins is the policy's to say, and where no server runs somebody must tell. */
export function policyOption(): Option {
  return new Option(
    "--policy <policy.yaml>",
    "where no server runs: the policy that says how secrets begin; the one last served unless given",
  );
}

/** What that policy says. Throws `HG_POLICY_UNREADABLE` or `HG_POLICY_REFUSED`. */
export async function issuingOf(policyFile: string | undefined): Promise<Issuing | undefined> {
  return policyFile === undefined ? undefined : (await readGoodPolicy(policyFile)).issuing;
}
