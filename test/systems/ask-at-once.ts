import { once } from "node:events";
import { connect } from "node:net";

/** Sent on each connection, without waiting for an answer. */
const REQUESTS_A_SOCKET = 10;

/** Sends so many GETs at once, and counts the answers by status. */
export async function askAtOnce(
  url: string,
  count: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Record<number, number>> {
  const sockets = Array.from({ length: count / REQUESTS_A_SOCKET }, () => askOnOneSocket(new URL(url), headers));
  const statuses = (await Promise.all(sockets)).flat();
  return Object.fromEntries(
    Object.entries(Object.groupBy(statuses, String)).map(([status, all]) => [status, all?.length ?? 0]),
  );
}

async function askOnOneSocket(url: URL, headers: Readonly<Record<string, string>>): Promise<number[]> {
  const socket = connect({ host: url.hostname, port: Number(url.port) }).setEncoding("latin1");
  const fields = Object.entries({ host: "gate", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `GET ${url.pathname} HTTP/1.1\r\n${fields.join("")}`;
  const all = [...Array(REQUESTS_A_SOCKET - 1).fill(request), `${request}Connection: close\r\n`];
  socket.write(all.map((head) => `${head}\r\n`).join(""));
  let text = "";
  socket.on("data", (part: string) => {
    text += part;
  });
  await once(socket, "close");
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
