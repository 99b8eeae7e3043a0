import { type Duplex, pipeline } from "node:stream";
import { toClientHeaders, type UpstreamHeaders } from "./client-headers.ts";
import type { Exchange } from "./exchange.ts";

/**
 * Joins a client and the upstream that have agreed on another protocol (RFC 9110, section 7.8): the switch is passed on,
 * and then every byte, both ways, until either closes. The exchange ends with the tunnel.
 */
export function openTunnel(exchange: Exchange, headers: UpstreamHeaders, upstream: Duplex): void {
  const { response, site, request } = exchange;
  const { socket } = request;
  const flat = toClientHeaders(headers, site.policy.responses.upstreamHeaders === "keep", exchange.rateLimitHeaders());
  flat.push("Connection", "Upgrade", "Upgrade", String(headers.upgrade ?? request.headers.upgrade));
  response.writeHead(101, flat);
  response.flushHeaders();
  response.detachSocket(socket);

  if (exchange.upgradeHead?.length) upstream.write(exchange.upgradeHead);
  pipeline(socket, upstream, ignore);
  pipeline(upstream, socket, ignore);
  upstream.on("close", () => socket.destroySoon());
  socket.on("close", () => {
    upstream.destroy();
    exchange.end();
  });
}

/** How a tunnel ends is its ends' affair. */
function ignore(): void {}
