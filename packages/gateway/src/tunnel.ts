import { type Duplex, pipeline } from "node:stream";
import { toClientHeaders, type UpstreamHeaders } from "./client-headers.ts";
import type { Exchange } from "./exchange.ts";

/**
 * Joins a client and the upstream that have agreed on another protocol (RFC 9110, section 7.8): the switch is passed on,
 * and then every byte, both ways, until either closes. The exchange ends with the tunnel.
 */
export function openTunnel(exchange: Exchange, status: number, headers: UpstreamHeaders, upstream: Duplex): void {
  const { socket } = exchange.request;
  upstream.on("error", ignore).on("close", () => socket.destroySoon());
  socket.on("close", () => {
    upstream.destroy();
    exchange.end();
  });
  if (socket.destroyed) upstream.destroy();
  else exchange.when(exchange.settle(status, headers), () => join(exchange, headers, upstream));
}

function join(exchange: Exchange, headers: UpstreamHeaders, upstream: Duplex): void {
  const { response, request, site, upgradeHead } = exchange;
  const { socket } = request;
  const flat = toClientHeaders(headers, site.policy.responses.upstreamHeaders === "keep", exchange.rateLimitHeaders());
  flat.push("Connection", "Upgrade", "Upgrade", String(headers.upgrade ?? request.headers.upgrade));
  response.writeHead(101, flat);
  response.flushHeaders();
  response.detachSocket(socket);

  if (upgradeHead?.length) upstream.write(upgradeHead);
  pipeline(socket, upstream, ignore);
  pipeline(upstream, socket, ignore);
}

/** How a tunnel ends is its ends' affair. */
function ignore(): void {}
