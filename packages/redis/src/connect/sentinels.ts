import { HeadgateError } from "@headgate/core";
import { type Address, showAddress } from "./address.ts";
import { Connection } from "./connection.ts";
import { openServer } from "./open-server.ts";
import type { RedisUrl } from "./redis-url.ts";
import { Server } from "./server.ts";

/** They are asked this often: a master that was replaced while it runs takes writes for seconds, and then forgets them. */
const ASK_MS = 1_000;

/** The Sentinels that watch over a master, and say which server that is. */
export class Sentinels {
  readonly #url: RedisUrl;
  readonly #sentinels: readonly Server[];

  constructor(url: RedisUrl) {
    this.#url = url;
    const access = { login: url.sentinelLogin, tls: url.tls, database: 0 };
    this.#sentinels = url.addresses.map((address) => {
      const where = `Sentinel at ${showAddress(address)}`;
      return new Server(where, () => Connection.open(address, access, where));
    });
  }

  /**
   * Connects to the master. The connection is dropped when the Sentinels name another.
   *
   * @throws HeadgateError what is wrong with the master, or with the first Sentinel if none answers
   */
  async openMaster(): Promise<Connection> {
    const address = await this.#findMaster();
    const connection = await openServer(address, this.#url);
    const ask = setInterval(async () => {
      const { host, port } = await this.#findMaster().catch(() => address);
      if (host !== address.host || port !== address.port)
        connection.drop(new Error("another server is the master now"));
    }, ASK_MS);
    connection.lost.then(() => clearInterval(ask));
    return connection;
  }

  close(): void {
    for (const sentinel of this.#sentinels) sentinel.close();
  }

  /** As most of those who answer have it: after a failover some hear of it later than others. */
  async #findMaster(): Promise<Address> {
    const answers = await Promise.allSettled(this.#sentinels.map((sentinel) => this.#ask(sentinel)));
    const votes = new Map<string, Address[]>();
    for (const answer of answers) {
      if (answer.status === "rejected") continue;
      const name = showAddress(answer.value);
      votes.set(name, [...(votes.get(name) ?? []), answer.value]);
    }
    const [most] = [...votes.values()].sort((one, other) => other.length - one.length);
    if (most !== undefined) return most[0] as Address;
    throw (answers[0] as PromiseRejectedResult).reason;
  }

  async #ask(sentinel: Server): Promise<Address> {
    const { masterName } = this.#url;
    await sentinel.tried;
    const answer = await sentinel.send(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName]);
    if (answer === null) throw new HeadgateError("HG_REDIS_URL", `the Sentinels know no master "${masterName}"`);
    const [host, port] = answer as [Buffer, Buffer];
    return { host: host.toString(), port: Number(port) };
  }
}
