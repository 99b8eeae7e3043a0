import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HeadgateError, MemoryStore } from "@headgate/core";
import { createAdminServer, createGateway, type Gateway, type GatewayLog } from "@headgate/gateway";
import type { Policy } from "@headgate/policy";

export interface ServingOptions {
  readonly policy: Policy;
  readonly port: number;
  readonly host?: string | undefined;
  readonly adminPort: number;
  readonly clock: () => number;
  /** Instead of the policy's own. */
  readonly upstream: URL | undefined;
  readonly log: GatewayLog;
}

/** A gate that is open: its two listeners, and the way to close it. */
export interface Serving {
  readonly gateway: Gateway;
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  /** Lets requests in flight finish, for so long at most; false when some did not and were cut off. */
  drain(withinMs: number): Promise<boolean>;
}

/** Opens the gate and the admin port. Throws `HG_LISTEN` when one of the ports cannot be had; nothing is left open then. */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const { policy, log, upstream } = options;
  const gateway = createGateway({
    policy,
    store: new MemoryStore({ maxPartitions: policy.maxPartitions }),
    clock: options.clock,
    log,
    ...(upstream && { upstream }),
  });
  let isReady = true;
  const admin = createAdminServer({ isReady: () => isReady });

  const address = await listening(options.port, () => gateway.listen({ port: options.port, host: options.host }));
  const adminAddress = await listening(options.adminPort, () => listen(admin, options.adminPort)).catch(
    async (error) => {
      await gateway.drain();
      throw error;
    },
  );

  return {
    gateway,
    gatewayUrl: `http://${urlHost(options.host)}:${address.port}`,
    adminUrl: `http://127.0.0.1:${adminAddress.port}`,
    async drain(withinMs) {
      isReady = false;
      const timer = Promise.withResolvers<false>();
      const timeout = setTimeout(() => timer.resolve(false), withinMs);
      const drained = await Promise.race([gateway.drain().then(() => true), timer.promise]);
      clearTimeout(timeout);
      if (!drained) await gateway.close();
      admin.close();
      admin.closeAllConnections();
      return drained;
    },
  };
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server.address() as AddressInfo));
  });
}

async function listening(port: number, open: () => Promise<AddressInfo>): Promise<AddressInfo> {
  try {
    return await open();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      EADDRINUSE: "another process listens there; choose another with --port or --admin-port",
      EACCES: "this user may not listen there; choose a port above 1023",
      EADDRNOTAVAIL: "this machine has no such address; see --host",
      ENOTFOUND: "there is no host of that name; see --host",
    };
    throw new HeadgateError("HG_LISTEN", `cannot listen on port ${port}: ${reasons[code] ?? message}`, {
      cause: error,
    });
  }
}

/** How a person on this machine would write the address in a URL. */
function urlHost(host: string | undefined): string {
  if (host === undefined || host === "::" || host === "0.0.0.0") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
