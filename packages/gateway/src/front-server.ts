import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { readTarget } from "@headgate/policy";
import { admit } from "./admission.ts";
import { answerClientError, type ClientError } from "./client-errors.ts";
import { Exchange } from "./exchange.ts";
import { type AnswerCode, answerOf, toRawHttp } from "./gateway-answers.ts";
import { type GatewayLog, stackOf } from "./gateway-log.ts";
import { currentResponse, lastWordUnlessAnswering } from "./linger.ts";
import { mayWait } from "./pipeline.ts";
import { answerPage } from "./public-pages.ts";
import { hasBody } from "./request-body.ts";
import { faultOf } from "./request-checks.ts";
import type { Site, Surroundings } from "./site.ts";
import { endBeforeBody } from "./unread-body.ts";

/** The server that clients talk to. `site` tells which policy is being served when a request comes. */
export function createFrontServer(surroundings: Surroundings, site: () => Site): Server {
  const { limits, log } = surroundings;
  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    // Bodies are watched for pauses, not for how long they take: a large upload may take its time.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(1000, Math.ceil(limits.headersTimeoutMs / 4)),
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    insecureHTTPParser: false,
    // Checked here instead, so that the refusal is as readable as the others.
    requireHostHeader: false,
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: wantsUpgrade,
  });
  if (limits.maxConnections !== undefined) server.maxConnections = limits.maxConnections;

  server.on("request", (request, response) => receive(site(), request, response));
  server.on("checkContinue", (request, response) => receive(site(), request, response, { awaitsContinue: true }));
  server.on("checkExpectation", (request, response) => {
    receive(site(), request, response, { fault: "HG_REQUEST_EXPECTATION" });
  });
  server.on("upgrade", (request, socket, upgradeHead) => {
    takeOver(socket, log, () => receive(site(), request, responseOn(request), { upgradeHead }));
  });
  server.on("connect", (_request, socket) => {
    takeOver(socket, log, () => lastWordUnlessAnswering(socket, toRawHttp(answerOf("HG_REQUEST_METHOD"))));
  });
  server.on("clientError", (error: ClientError, socket) => {
    const code = answerClientError(error, socket, limits.maxUrlBytes);
    if (code) log.info("request-refused", { code, reason: error.code });
  });
  return server;
}

/** Runs a step on a connection that node:http has let go of: its errors and its drain are the gateway's own affair now. */
function takeOver(socket: Duplex, log: GatewayLog, step: () => void): void {
  socket.on("error", () => socket.destroy());
  socket.on("drain", () => currentResponse(socket)?.emit("drain"));
  try {
    step();
  } catch (error) {
    log.error("connection-failed", { error: stackOf(error) });
    socket.destroy();
  }
}

function receive(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  traits?: { readonly awaitsContinue?: boolean; readonly upgradeHead?: Buffer; readonly fault?: AnswerCode },
): void {
  const { limits } = site.surroundings;
  if (!response.socket && !mayWait(response, request.socket, limits.maxPipelinedRequests)) {
    // What it has sent already still comes, and is turned away here too.
    request.socket.destroy();
    return;
  }
  const fault = traits?.fault ?? faultOf(request, limits);
  const target = fault ? undefined : readTarget(request.url as string);
  if (!target) {
    answerAtOnce(site.surroundings, request, response, fault ?? "HG_REQUEST_PATH");
    return;
  }

  const exchange = new Exchange(site, request, response, target);
  if (traits) {
    exchange.awaitsContinue = traits.awaitsContinue ?? false;
    exchange.upgradeHead = traits.upgradeHead;
  }
  try {
    if (!answerPage(exchange)) admit(exchange);
  } catch (error) {
    exchange.crash(error);
  }
}

/** Answers a request that is not to be counted: nobody can say whose it is, or which limits it would meet. */
function answerAtOnce(
  { isDraining, limits }: Surroundings,
  request: IncomingMessage,
  response: ServerResponse,
  code: AnswerCode,
): void {
  if (isDraining) response.shouldKeepAlive = false;
  const { status, headers, body } = answerOf(code);
  response.writeHead(status, [...headers]);
  endBeforeBody(request, response, limits.bodyIdleTimeoutMs, body);
}

/**
 * Whether to switch protocols: to WebSocket only, for in another protocol, such as `h2c`, further requests could pass
 * uncounted. Not amid a body, and not behind a request that is still being answered. What is not switched is served as
 * an ordinary request (RFC 9110, section 7.8).
 */
function wantsUpgrade(request: IncomingMessage): boolean {
  const { method, headers, socket } = request;
  return (
    method === "GET" && headers.upgrade?.toLowerCase() === "websocket" && !hasBody(request) && !currentResponse(socket)
  );
}

/** A response for a request to upgrade, to which node:http gives none: it may yet be answered like any other. */
function responseOn(request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(request.socket);
  response.on("finish", () => request.socket.destroySoon());
  return response;
}
