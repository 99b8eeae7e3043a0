import type { AddressInfo } from "node:net";
import { HeadgateError } from "@headgate/core";
import type { ListenOptions } from "@headgate/gateway";

/**
 * Listens, or throws `HG_LISTEN` with why that cannot be. `own` is where this process listens already, and so may be what
 * is in the way itself.
 */
export async function listening(
  where: ListenOptions,
  open: () => Promise<AddressInfo>,
  own?: AddressInfo,
): Promise<AddressInfo> {
  try {
    return await open();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const reason =
      code === "EADDRINUSE" && where.port === own?.port
        ? "callers connect there already; give --port and --admin-port different numbers"
        : (REASONS[code] ?? message);
    throw new HeadgateError("HG_LISTEN", `cannot listen on ${inWords(where)}: ${reason}`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process listens there; choose another with --port or --admin-port",
  EACCES: "this user may not listen there; choose a port above 1023",
  EADDRNOTAVAIL: "this machine has no such address; see --host",
  ENOTFOUND: "there is no host of that name; see --host",
};

function inWords({ port, host }: ListenOptions): string {
  if (host === undefined) return `port ${port}`;
  return port === 0 ? host : `${inUrl(host)}:${port}`;
}

/** How a person on this machine would write the address in a URL. */
export function urlHost(host: string | undefined): string {
  return host === undefined || host === "::" || host === "0.0.0.0" ? "localhost" : inUrl(host);
}

function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
