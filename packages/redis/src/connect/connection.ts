import { createClient, RESP_TYPES } from "@redis/client";
import type { Address } from "./address.ts";
import { openingFault } from "./redis-fault.ts";
import type { Login, TlsFiles } from "./redis-url.ts";
import { readServerInfo, type ServerInfo } from "./server-info.ts";

/** How long opening may take, from the first packet to the server's word on what it is. */
const OPENING_MS = 2_000;

/** A server is asked this often whether it is there; one that owes so many answers is not. */
const PULSE_MS = 1_000;
const UNANSWERED = 2;

const KEEP_ALIVE_MS = 5_000;

const BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

/** How to be let in, and to which of the databases. */
export interface Access {
  readonly login: Login;
  readonly tls: TlsFiles | undefined;
  readonly database: number;
}

/** A part of a command. */
export type Argument = string | Buffer;

/** One connection to one server, from when that has said what it is, until it is lost. */
export class Connection {
  readonly info: ServerInfo;
  /** Resolves when the connection is no more, with the reason. */
  readonly lost: Promise<unknown>;
  /** Ends the connection at once. What waits for an answer is rejected. */
  readonly drop: (reason: unknown) => void;
  readonly #client: Client;

  /**
   * Connects, and asks the server what it is. `where` names it in messages.
   *
   * @throws HeadgateError `HG_REDIS_UNREACHABLE`, `HG_REDIS_AUTH` or `HG_REDIS_REFUSED`
   */
  static async open(address: Address, access: Access, where: string): Promise<Connection> {
    const client = makeClient(address, access);
    const { promise: lost, resolve: drop } = Promise.withResolvers<unknown>();
    lost.then(() => client.destroy());
    // Of an answer that is none of Redis's, this event alone tells.
    client.on("error", drop);
    const timer = setTimeout(drop, OPENING_MS, new Error(`nothing heard within ${OPENING_MS} ms`));
    try {
      const opened = client.connect().then(() => client.sendCommand<string>(["INFO"]));
      // What has been given up may come about all the same.
      opened.catch(() => client.destroy());
      const info = await Promise.race([opened, lost.then((reason) => Promise.reject(reason))]);
      return new Connection(client, readServerInfo(info), lost, drop);
    } catch (error) {
      drop(error);
      throw openingFault(error, where, access);
    } finally {
      clearTimeout(timer);
    }
  }

  private constructor(client: Client, info: ServerInfo, lost: Promise<unknown>, drop: (reason: unknown) => void) {
    this.#client = client;
    this.info = info;
    this.lost = lost;
    this.drop = drop;
    this.#startPulse();
  }

  /**
   * Sends a command; strings in the answer are bytes. Rejects with an `ErrorReply` if the server refuses, and with
   * another error if the connection is lost: whether the server has run the command is then unknown.
   */
  send(args: readonly Argument[]): Promise<unknown> {
    return this.#client.sendCommand(args as Argument[], BYTES);
  }

  /**
   * Drops the connection when the server has been silent for seconds. The client's own timeout begins anew with all
   * that is sent: on a busy connection that leads nowhere it would never end.
   */
  #startPulse(): void {
    let unanswered = 0;
    const answered = (): void => {
      unanswered = 0;
    };
    const pulse = setInterval(() => {
      if (unanswered === UNANSWERED) return this.drop(new Error(`nothing heard for ${UNANSWERED * PULSE_MS} ms`));
      unanswered += 1;
      this.#client.sendCommand(["PING"]).then(answered, () => {});
    }, PULSE_MS);
    this.lost.then(() => clearInterval(pulse));
  }
}

type Client = ReturnType<typeof makeClient>;

/** Makes a client that connects once, and refuses what it cannot send at once. */
function makeClient({ host, port }: Address, { login, tls, database }: Access) {
  const plain = { host, port, connectTimeout: OPENING_MS, keepAliveInitialDelay: KEEP_ALIVE_MS };
  return createClient({
    ...login,
    database,
    socket: { ...plain, ...(tls && { ...tls, tls: true as const }), reconnectStrategy: false },
    // Its third version begins with a greeting that servers which are too old do not understand.
    RESP: 2,
    disableOfflineQueue: true,
    // A timer for each command costs more than the command.
    commandOptions: { timeout: 0 },
    clientInfoTag: "headgate",
    maintNotifications: "disabled",
  });
}
