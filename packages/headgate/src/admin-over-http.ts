import { HeadgateError } from "@headgate/core";
import type { AdminAnswer, AdminTransport } from "./admin-client.ts";

/** Going through a long audit takes a while. */
const ANSWER_MS = 120_000;
const PROBE_MS = 2000;

/** The admin API of a server, asked with a token. `base` is its URL, without `/admin/v1`. */
export function adminOverHttp(base: URL, token: string): AdminTransport {
  return {
    async send({ method, path, body }) {
      const headers: Record<string, string> = { authorization: `Bearer ${token}` };
      if (body) headers["content-type"] = "application/json";
      return ask(at(base, `admin/v1${path}`), {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
    },
    close: () => Promise.resolve(),
  };
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
export async function accepts(base: URL, token: string): Promise<boolean> {
  if (!(await isHeadgate(base))) return false;
  const { status } = await adminOverHttp(base, token).send({ method: "GET", path: "/accounts?limit=1" });
  return status !== 401 && status !== 429;
}

/** A redirect is not followed: it could carry the token elsewhere. */
async function ask(url: URL, init: RequestInit): Promise<AdminAnswer> {
  try {
    const response = await fetch(url, { ...init, redirect: "error" });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = (cause as NodeJS.ErrnoException | undefined)?.code ?? message;
    throw new HeadgateError("HG_ADMIN_UNREACHABLE", `no admin API answers at ${url.origin} (${reason})`, {
      cause: error,
    });
  }
}

function at(base: URL, path: string): URL {
  return new URL(path, base.href.endsWith("/") ? base : `${base.href}/`);
}
