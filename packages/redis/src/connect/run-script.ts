import { HeadgateError } from "@headgate/core";
import { ErrorReply } from "@redis/client";
import type { Script } from "../script.ts";
import type { Argument } from "./connection.ts";
import { commandFault } from "./redis-fault.ts";

/**
 * Runs a script once, by its name, or with its source where that is not known. Any other failure may have come after the
 * script ran: trying again could count twice.
 *
 * @throws HeadgateError `HG_REDIS_UNREACHABLE` or `HG_REDIS_REFUSED`
 */
export async function runScript(
  send: (args: readonly Argument[]) => Promise<unknown>,
  where: string,
  script: Script,
  keys: readonly string[],
  argument: Buffer,
): Promise<Buffer> {
  const rest = [String(keys.length), ...keys, argument];
  try {
    const answer = await send(["EVALSHA", script.sha, ...rest]).catch((error) => {
      if (error instanceof ErrorReply && error.message.startsWith("NOSCRIPT")) {
        return send(["EVAL", script.source, ...rest]);
      }
      throw error;
    });
    if (Buffer.isBuffer(answer)) return answer;
  } catch (error) {
    throw commandFault(error, where);
  }
  throw new HeadgateError("HG_REDIS_REFUSED", `${where} answers a script with something else than its answer`);
}
