import { parseDuration } from "./duration.ts";
import type { Issuing } from "./policy.ts";
import { type CallerSection, callerSectionsOf } from "./schema/callers.ts";
import type { PolicyFile } from "./schema/policy-file.ts";
import { listOf } from "./text-format.ts";

/** How credentials begin that were issued before any policy said how. Managed policies take them whatever they say. */
export const OWN_PREFIXES = { key: "hg_sk_", access: "hg_at_", widget: "hg_wt_" } as const;

const DEFAULT_TOKEN_PATH = "/v1/tokens";
const DEFAULT_TOKEN_LIFETIME_MS = 24 * 3_600_000;

/**
 * How credentials begin, so that they are read where this policy looks for them. A policy that has only one of the
 * callers api-key and token takes both kinds in it.
 */
export function compileIssuing({ callers, credentials, tokens }: PolicyFile): Issuing {
  const sections = new Map(callerSectionsOf(callers));
  const keys = sections.get("api-key") ?? sections.get("token");
  const token = sections.get("token") ?? sections.get("api-key");
  return {
    keyPrefixes: prefixesOf(keys),
    tokenPrefixes: prefixesOf(token),
    tokenPath: credentials === "managed" && tokens !== false ? (tokens?.path ?? DEFAULT_TOKEN_PATH) : undefined,
    tokenLifetimeMs: parseDuration((tokens || undefined)?.for ?? "") ?? DEFAULT_TOKEN_LIFETIME_MS,
  };
}

/** Where a bearer prefix is asked for, those; else any will do. */
function prefixesOf(caller: CallerSection | undefined): string[] {
  const { bearer } = caller ?? {};
  return bearer === undefined || bearer === true ? [""] : [...listOf(bearer)];
}
