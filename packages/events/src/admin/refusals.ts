import { type AdminApp, Refusal as AdminRefusal } from "@headgate/control/admin";
import type { EventsErrorCode } from "../errors.ts";
import { Refusal, sentence, statusOf } from "../problem.ts";

/** What the admin API has codes of its own for. */
const ADMIN_CODES: Readonly<Partial<Record<EventsErrorCode, `HG_${string}`>>> = {
  HG_EVENTS_BODY: "HG_ADMIN_BODY",
  HG_EVENTS_CURSOR: "HG_CURSOR_INVALID",
  HG_WEBHOOK_VERSION: "HG_VERSION_CONFLICT",
};

/** Has the app answer what the parts of the events API refuse as the admin API answers everything else. */
export function answerRefusals(app: AdminApp): void {
  app.setErrorHandler((error) => {
    if (!(error instanceof Refusal)) throw error;
    const code = error.code as EventsErrorCode;
    const details = { status: statusOf(code), ...(error.faults.length > 0 && { faults: error.faults }) };
    throw new AdminRefusal(ADMIN_CODES[code] ?? code, sentence(error.message), details);
  });
}
