import { type Address, showAddress } from "./address.ts";
import { type Access, Connection } from "./connection.ts";
import { checkServer } from "./server-info.ts";

/**
 * Connects to a server that counters can be kept on.
 *
 * @throws HeadgateError as {@link Connection.open} and {@link checkServer} do
 */
export async function openServer(address: Address, access: Access): Promise<Connection> {
  const where = `Redis at ${showAddress(address)}`;
  const connection = await Connection.open(address, access, where);
  try {
    checkServer(connection.info, where);
    return connection;
  } catch (error) {
    connection.drop(error);
    throw error;
  }
}
