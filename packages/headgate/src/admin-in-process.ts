import { randomUUID } from "node:crypto";
import { createAdmin, type PolicyOutline } from "@headgate/control";
import { HeadgateError } from "@headgate/core";
import { openWebhookAdmin } from "@headgate/events/admin";
import type { AdminTransport } from "./admin-client.ts";
import type { DataPlace } from "./data-place.ts";
import { createLog } from "./log.ts";
import { notedPolicy } from "./policy-note.ts";
import { closeRecords, openRecords } from "./records.ts";

/**
 * The admin API on records that no server has open: the same one that a server has, with nothing listening. It goes by
 * `policy`, else by the policy that the last server had.
 */
export async function adminInProcess(place: DataPlace, policy: PolicyOutline | undefined): Promise<AdminTransport> {
  const clock = Date.now;
  const log = createLog("warn");
  const control = await openRecords(place, { clock, log }).catch(unreachable);
  await using opening = new AsyncDisposableStack();
  opening.defer(() => closeRecords(control));
  const token = randomUUID();
  const admin = createAdmin({
    control,
    clock,
    log,
    token,
    actor: "command",
    isReady: () => true,
    enforcement: () => undefined,
    lastPolicy: policy ?? (await notedPolicy(control)),
    routes: [await openWebhookAdmin({ control, clock })],
  });
  opening.defer(() => admin.close());
  const open = opening.move();
  return {
    async send({ method, path, body }) {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await admin.inject({ method, url: `/admin/v1${path}`, headers, ...(body && { payload: body }) });
      return { status: answer.statusCode, body: answer.body };
    },
    close: () => open.disposeAsync(),
  };
}

function unreachable(error: unknown): never {
  if (!(error instanceof HeadgateError) || error.code !== "HG_STORAGE_IN_USE") throw error;
  const advice = "if it is a server, name its admin API with --admin-url";
  throw new HeadgateError("HG_STORAGE_IN_USE", `${error.message}; ${advice}`, { cause: error });
}
