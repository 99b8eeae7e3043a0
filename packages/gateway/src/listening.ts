import type { AddressInfo, Server } from "node:net";

/** Where a server accepts connections. */
export interface ListenOptions {
  readonly port: number;
  readonly host?: string | undefined;
  /** Others may listen there too, each of them getting a share of the connections. Not on every system: `ENOTSUP`. */
  readonly reusePort?: boolean;
}

/** Has a server listen. Resolves to its address, or rejects with the system's error. */
export function listening(server: Server, { port, host, reusePort = false }: ListenOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, reusePort }, () => {
      server.off("error", reject);
      resolve(server.address() as AddressInfo);
    });
  });
}
