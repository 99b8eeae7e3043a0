import { HeadgateError } from "@headgate/core";
import type { Problem } from "@headgate/policy";

/** That a policy file cannot be used, and all that is wrong with it. */
export class PolicyFaults extends HeadgateError {
  readonly problems: readonly Problem[];
  /** The same, as people and editors read it. */
  readonly report: string;

  constructor(file: string, problems: readonly Problem[], report: string) {
    super("HG_POLICY_REFUSED", `${file} has faults, so nothing was done`);
    this.problems = problems;
    this.report = report;
  }
}
