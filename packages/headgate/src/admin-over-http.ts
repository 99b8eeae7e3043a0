import { HeadgateError } from "@headgate/core";
import { type AdminAnswer, AdminRefusal, type AdminRequest, type AdminTransport } from "./admin-client.ts";
import type { AdminToken } from "./admin-token.ts";

/** Going through a long audit takes a while. */
const ANSWER_MS = 120_000;
const PROBE_MS = 2000;

/** The admin API of a server, asked with a token. `base` is its URL, without `/admin/v1`. */
export function adminOverHttp(base: URL, token: AdminToken): AdminTransport {
  return {
    async send(request) {
      const answer = await askAdmin(base, token, request);
      // What the server says to whoever sent a header means little to who has set a variable.
      if (answer.status === 401 && answer.body.includes("HG_ADMIN_TOKEN")) throw notItsToken(base, token);
      return answer;
    },
    close: () => Promise.resolve(),
  };
}

function notItsToken(base: URL, { file }: AdminToken): AdminRefusal {
  const ours = file === undefined ? "the token in HEADGATE_ADMIN_TOKEN" : `the token in ${file}`;
  const its = "its own is what HEADGATE_ADMIN_TOKEN was when it started, else in admin-token in its data folder";
  return new AdminRefusal("HG_ADMIN_TOKEN", `${ours} is not that of the server at ${base.origin}; ${its}`);
}

/** Whether a Headgate answers there. It is not shown the token. */
export async function isHeadgate(base: URL): Promise<boolean> {
  try {
    const { status, body } = await ask(at(base, "healthz"), { signal: AbortSignal.timeout(PROBE_MS) });
    return status === 200 && (JSON.parse(body) as { status?: unknown }).status === "ok";
  } catch {
    return false;
  }
}

/** Whether a Headgate answers there, and takes this token. */
export async function accepts(base: URL, token: AdminToken): Promise<boolean> {
  if (!(await isHeadgate(base))) return false;
  const { status } = await askAdmin(base, token, { method: "GET", path: "/accounts?limit=1" });
  return status !== 401 && status !== 429;
}

function askAdmin(base: URL, { secret }: AdminToken, { method, path, body }: AdminRequest): Promise<AdminAnswer> {
  const headers: Record<string, string> = { authorization: `Bearer ${secret}` };
  if (body) headers["content-type"] = "application/json";
  return ask(at(base, `admin/v1${path}`), {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
}

/** A redirect is not followed: it could carry the token elsewhere. */
async function ask(url: URL, init: RequestInit): Promise<AdminAnswer> {
  try {
    const response = await fetch(url, { ...init, redirect: "error" });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    const { cause, message } = error as Error & { readonly cause?: NodeJS.ErrnoException };
    const reason = cause?.code || cause?.message || message;
    throw new HeadgateError("HG_ADMIN_UNREACHABLE", `no admin API answers at ${url.origin} (${reason})`, {
      cause: error,
    });
  }
}

function at(base: URL, path: string): URL {
  return new URL(path, base.href.endsWith("/") ? base : `${base.href}/`);
}
