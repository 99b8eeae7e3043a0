import type { Finding } from "../problem.ts";
import type { PolicyFile } from "../schema/policy-file.ts";
import { BUILTIN_EVENTS } from "../upstream.ts";

/** What the built-in events API needs: someone to whom events belong. And what only it understands. */
export function eventsFaults({ upstream, credentials = "presented", events }: PolicyFile): Finding[] {
  if (upstream !== BUILTIN_EVENTS) return events === undefined ? [] : [misplacedFault()];
  if (credentials === "managed") return [];
  const message = `events belong to accounts, which credentials: ${credentials} does not tell`;
  const hint = "use credentials: managed, and say where keys are read from: callers: { api-key: { bearer: true } }";
  return [{ code: "HG_POLICY_UNMANAGED", message, hint, path: ["upstream"] }];
}

function misplacedFault(): Finding {
  const message = `"events" is for the built-in events API alone`;
  const hint = `use upstream: ${BUILTIN_EVENTS}, or take events out`;
  return { code: "HG_POLICY_CONFLICT", message, hint, path: ["events"], isAboutKey: true };
}
