import { HeadgateError } from "@headgate/core";

/** For updates: they fail with `HG_VERSION_CONFLICT` where somebody else has changed the thing since. */
export interface Precondition {
  readonly ifVersion?: number | undefined;
}

/** Throws `HG_VERSION_CONFLICT` where the thing is not of the version asked for; undefined where there is no thing. */
export function checkVersion(version: number | undefined, { ifVersion }: Precondition): void {
  if (ifVersion === undefined || ifVersion === version) return;
  const found = version === undefined ? "there is none" : `it is of version ${version} now`;
  throw conflict(`The change was meant for version ${ifVersion}, but ${found}: look at it again, then repeat.`);
}

/** So many times others may be faster before a change is given up. */
const MOST_ATTEMPTS = 20;

/** Tries a change anew, from reading on, for as long as `attempt` says by undefined that somebody else was faster. */
export async function untilSettled<Result>(attempt: () => Promise<Result | undefined>): Promise<Result> {
  for (let attempts = 0; attempts < MOST_ATTEMPTS; attempts++) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw conflict("Others kept changing it at the same time: try again.");
}

function conflict(message: string): HeadgateError {
  return new HeadgateError("HG_VERSION_CONFLICT", message);
}
