import type { HeadgateError } from "@headgate/core";
import Type from "typebox";
import type { Control } from "../../control.ts";
import type { AdminApp, AdminContext } from "../admin-options.ts";
import { jsonAnswer, refusals } from "../answers.ts";
import { only } from "../body.ts";
import { pageFields, pageJson, pageRequestOf, pageSchema } from "../pagination.ts";
import { auditEntryJson, auditEntrySchema, auditVerdictJson, auditVerdictSchema } from "../records/audit-entry.ts";
import { refTo } from "../schema.ts";

const tags = ["Audit"];

/** Adds what there is under `/admin/v1/audit`. */
export function addAuditRoutes(app: AdminApp, { control }: AdminContext): void {
  app.get(
    "/audit",
    {
      schema: {
        operationId: "listAudit",
        summary: "List changes, the newest first",
        tags,
        querystring: only({
          subject: Type.Optional(
            Type.String({ description: "Only changes of this record: its id; an account's name will do, too." }),
          ),
          ...pageFields,
        }),
        response: { 200: jsonAnswer("A page of changes.", pageSchema(auditEntrySchema)), ...refusals() },
      },
    },
    async ({ query }, reply) => {
      const subjectId = query.subject === undefined ? undefined : await subjectIdOf(control, query.subject);
      const page = await control.audit.list({ subjectId }, pageRequestOf(query));
      return reply.send(pageJson(page, auditEntryJson));
    },
  );

  app.get(
    "/audit/verify",
    {
      schema: {
        operationId: "verifyAudit",
        summary: "Go through the whole audit and see whether it is as it was written",
        tags,
        response: { 200: jsonAnswer("What that has shown.", refTo(auditVerdictSchema)), ...refusals() },
      },
    },
    async (_request, reply) => reply.send(auditVerdictJson(await control.audit.verify())),
  );
}

/** The id of the account of that name; of what names none, that itself: an id, an address, or nothing on record. */
async function subjectIdOf({ accounts }: Control, idOrName: string): Promise<string> {
  try {
    return (await accounts.get(idOrName)).id;
  } catch (error) {
    if ((error as HeadgateError).code !== "HG_ACCOUNT_UNKNOWN") throw error;
    return idOrName;
  }
}
