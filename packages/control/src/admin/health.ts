import Type from "typebox";
import type { AdminApp, AdminContext } from "./admin-options.ts";
import { jsonAnswer } from "./answers.ts";

const tags = ["Health"];
const status = Type.Object({ status: Type.String() }, { additionalProperties: false });
const readiness = Type.Object(
  { status: Type.String({ enum: ["ready", "degraded"] }), storage: Type.Optional(Type.String()) },
  { additionalProperties: false },
);

/** Adds what supervisors and load balancers ask, which needs no token: whether the process runs, and wants requests. */
export function addHealthRoutes(app: AdminApp, { control, isReady }: AdminContext): void {
  app.get(
    "/healthz",
    {
      schema: {
        operationId: "health",
        summary: "Whether the process runs",
        tags,
        security: [],
        response: { 200: jsonAnswer("It does.", status) },
      },
    },
    async (_request, reply) => reply.send({ status: "ok" }),
  );

  app.get(
    "/readyz",
    {
      schema: {
        operationId: "readiness",
        summary: "Whether requests are wanted",
        description: "While the database is away they are: callers on record stay known. Only changes have to wait.",
        tags,
        security: [],
        response: {
          200: jsonAnswer("They are; `degraded` says what is amiss.", readiness),
          503: jsonAnswer("They are not: the gate drains, or does not listen yet.", status),
        },
      },
    },
    async (_request, reply) => {
      if (!isReady()) return reply.code(503).send({ status: "draining" });
      const { isReachable, reason } = control.storage.health;
      if (isReachable) return reply.send({ status: "ready" });
      return reply.send({ status: "degraded", storage: reason ?? "the database does not answer" });
    },
  );
}
