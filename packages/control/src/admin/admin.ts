import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyInstance } from "fastify";
import type { AdminApp, AdminContext, AdminOptions } from "./admin-options.ts";
import { Authentication } from "./authentication.ts";
import { logChanges } from "./change-log.ts";
import { addHealthRoutes } from "./health.ts";
import { MAX_BODY_BYTES, takeJsonBodies } from "./json-body.ts";
import { AdminMetrics } from "./metrics.ts";
import { addOpenApiRoute, describeRoutes } from "./open-api.ts";
import { ProblemAnswers } from "./problem-answers.ts";
import { addAccountRoutes } from "./routes/accounts.ts";
import { addAuditRoutes } from "./routes/audit.ts";
import { addKeyRoutes } from "./routes/keys.ts";
import { addOverrideRoutes } from "./routes/overrides.ts";
import { addSuspensionRoutes } from "./routes/suspensions.ts";
import { addTokenRoutes } from "./routes/tokens.ts";
import { addUsageRoutes } from "./routes/usage.ts";
import { refuseUnstorableText } from "./storable-text.ts";
import { refuseUnknownPaths } from "./unknown-paths.ts";
import { compileValidator } from "./validator.ts";

/** A name of 100 characters, each of four bytes written as `%F0%9F%98%80`. */
const LONGEST_PARAMETER = 1200;
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * The app of the admin port, which does not listen yet: health and metrics for anyone who reaches it, and under
 * `/admin/v1` all there is on record for who has the token. Bind it to loopback. `inject()` asks it without a port.
 */
export function createAdmin(options: AdminOptions): FastifyInstance {
  const context: AdminContext = { ...options, actor: options.actor ?? "admin" };
  const metrics = new AdminMetrics(context);
  const problems = new ProblemAnswers(context.log, metrics);
  const app: AdminApp = Fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: "idle",
    // Fastify's own 503 is no problem document: what has come before the connection closes is answered.
    return503OnClosing: false,
    requestIdHeader: false,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    frameworkErrors: (error, request, reply) => void problems.answer(error, request, reply),
    clientErrorHandler: (error, socket) => problems.answerRaw(error, socket),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setErrorHandler((error, request, reply) => problems.answer(error, request, reply));
  takeJsonBodies(app);
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(() => JSON.stringify);
  describeRoutes(
    app,
    options.routes?.flatMap(({ schemas }) => schemas),
  );
  refuseUnknownPaths(app);
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("Cache-Control", "no-store");
  });
  app.addHook("onSend", async (_request, reply) => {
    // Fastify adds a charset, which JSON has none of (RFC 8259, section 11).
    const type = reply.getHeader("Content-Type");
    if (typeof type === "string" && type.includes("json")) reply.header("Content-Type", type.split(";", 1)[0]);
  });

  app.register(async (open) => {
    addHealthRoutes(open, context);
    metrics.addRoute(open);
  });
  app.register(async (guarded) => addGuardedRoutes(guarded, context), { prefix: "/admin/v1" });
  return app as unknown as FastifyInstance;
}

function addGuardedRoutes(app: AdminApp, context: AdminContext): void {
  // Has this scope's hooks run for unknown paths too, so that they ask for the token. They are refused before this.
  app.setNotFoundHandler(async () => {});
  const authentication = new Authentication(context.token, context.clock);
  app.addHook("onRequest", async ({ headers, socket }) => {
    authentication.check(headers.authorization, socket.remoteAddress ?? "");
  });
  app.addHook("preValidation", async (request) => {
    // Where all fields may be left out, so may the body.
    if (request.body === undefined && request.routeOptions.schema?.body) request.body = {};
  });
  app.addHook("preHandler", refuseUnstorableText);
  logChanges(app, context);

  addAccountRoutes(app, context);
  addKeyRoutes(app, context);
  addTokenRoutes(app, context);
  addOverrideRoutes(app, context);
  addSuspensionRoutes(app, context);
  addUsageRoutes(app, context);
  addAuditRoutes(app, context);
  for (const routes of context.routes ?? []) app.register(async (own) => routes.add(own, context));
  addOpenApiRoute(app);
}
