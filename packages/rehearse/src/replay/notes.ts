import type { Policy } from "@headgate/policy";
import type { LoggedRequest } from "../logged-request.ts";
import { formatCountOf } from "../report/quantities.ts";

/** Keeps in mind what a log does not tell and a policy asks for. */
export class Notes {
  readonly #policy: Policy;
  #lackAddress = 0;
  #lackBytes = 0;
  #lackStatus = 0;
  #lackDuration = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  note({ ip, bytes, status, durationMs }: LoggedRequest): void {
    if (ip === undefined) this.#lackAddress++;
    if (bytes === undefined) this.#lackBytes++;
    if (status === undefined) this.#lackStatus++;
    if (durationMs === undefined) this.#lackDuration++;
  }

  /** One sentence each. */
  list(): string[] {
    const { limits, bodyCaps, credentials, callers, plans, isConditional } = this.#policy;
    const countsBy = (kind: string): boolean => limits.some(({ cost }) => cost.kind === kind);
    const dependsOnStatus = credentials === "upstream" || limits.some(({ refund, charge }) => refund ?? charge);
    const countsInFlight = limits.some(({ limit }) => limit.algorithm === "concurrency");
    const notes: readonly (readonly [boolean, string])[] = [
      [this.#lackAddress > 0, lacking(this.#lackAddress, "address", "counted as of one caller")],
      [
        this.#lackBytes > 0 && (bodyCaps.length > 0 || countsBy("bytes")),
        lacking(this.#lackBytes, "size of a body", "taken to have none"),
      ],
      [this.#lackStatus > 0 && dependsOnStatus, lacking(this.#lackStatus, "status", "taken for answered with 200")],
      [
        this.#lackDuration > 0 && countsInFlight,
        lacking(this.#lackDuration, "duration", "taken to leave concurrency limits at once"),
      ],
      [countsBy("items"), "A log has no bodies: where a limit counts items, each request was taken for one."],
      [countsBy("response-header"), "A log has no answers: where one tells the cost, each request was taken for 1."],
      [
        credentials === "managed",
        "Credentials were all taken for valid, each for a key and an account of its own: a log does not tell who is on record.",
      ],
      [plans.length > 0, "A log does not tell plans: every caller was held to the quotas of those without one."],
      [callers.jwks !== undefined, "Tokens were not verified, and no caller was read from their claims."],
      [isConditional && dependsOnStatus, "Answers that a gate would turn into a 304 were taken for what the log says."],
    ];
    return notes.filter(([applies]) => applies).map(([, note]) => note);
  }
}

function lacking(count: number, what: string, takenFor: string): string {
  const [names, were] = count === 1 ? ["names", "was"] : ["name", "were"];
  return `${formatCountOf(count, "request")} ${names} no ${what}, and ${were} ${takenFor}.`;
}
