import { Resolver } from "node:dns/promises";

/** All addresses of a name; none where it does not resolve. */
export type Resolve = (name: string) => Promise<readonly string[]>;

const LOCALHOST = /(?:^|\.)localhost\.?$/i;
const LOOPBACK = ["127.0.0.1"];

/**
 * Asks the name servers. The system's own look-up, which knows the hosts file too, would hold one of the process's few
 * threads meanwhile: whoever has names that take long could stop what else needs them.
 */
export function resolver(): Resolve {
  const servers = new Resolver({ timeout: 2_000, tries: 2 });
  return async (name) => {
    // No name server is to know it (RFC 6761, section 6.3).
    if (LOCALHOST.test(name)) return LOOPBACK;
    const answers = await Promise.allSettled([servers.resolve4(name), servers.resolve6(name)]);
    return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  };
}
