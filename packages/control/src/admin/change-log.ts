import type { AdminApp, AdminContext } from "./admin-options.ts";

const READING: readonly string[] = ["GET", "HEAD"];

/** Notes every change in a line of the log: what was called and on what, never what was sent or answered. */
export function logChanges(app: AdminApp, { log, actor }: AdminContext): void {
  app.addHook("onResponse", async (request, reply) => {
    if (READING.includes(request.method) || reply.statusCode >= 400) return;
    const { operationId } = (request.routeOptions.schema ?? {}) as { operationId?: string };
    const { id, account } = request.params as { id?: string; account?: string };
    const place = reply.getHeader("location");
    const record = id ?? account ?? (typeof place === "string" ? place.split("/").at(-1) : undefined);
    log.info("admin-change", { operation: operationId, record, actor, status: reply.statusCode });
  });
}
