import Type from "typebox";
import type { Suspension } from "../../suspension.ts";
import type { AdminApp, AdminContext } from "../admin-options.ts";
import { BODY_REFUSALS, createdAnswer, emptyAnswer, jsonAnswer, recordAnswer, refusals } from "../answers.ts";
import { nothing, only } from "../body.ts";
import { durationField, endOf } from "../instants.ts";
import { callerFields, namedCaller } from "../named-caller.ts";
import { pageFields, pageJson, pageRequestOf, pageSchema } from "../pagination.ts";
import { etagOf, ifMatch, ifNoneMatch, preconditionOf, sendRecord } from "../preconditions.ts";
import { type SuspensionJson, suspensionJson, suspensionSchema } from "../records/suspension.ts";

const tags = ["Suspensions"];
const params = only({ id: Type.String({ description: "`sus_…`" }) });

/** Adds what there is under `/admin/v1/suspensions`. */
export function addSuspensionRoutes(app: AdminApp, context: AdminContext): void {
  const { control, actor, clock } = context;
  const toJson = (suspension: Suspension): SuspensionJson => suspensionJson(suspension, clock());

  app.post(
    "/suspensions",
    {
      schema: {
        operationId: "suspend",
        summary: "Suspend a caller",
        description:
          "Needs one of `account`, `key`, `token` and `ip`. A caller that is suspended already stays so for the longer of both times, for the new reason.",
        tags,
        body: only({
          ...callerFields,
          reason: Type.String({ description: "Why, for people: up to 500 characters." }),
          for: durationField("How long. Default: until it is lifted."),
        }),
        response: {
          200: recordAnswer("The suspension there was, longer now.", suspensionSchema),
          201: createdAnswer("The suspension.", suspensionSchema),
          ...refusals(...BODY_REFUSALS),
        },
      },
    },
    async ({ body }, reply) => {
      const { reason, for: lasting, ...named } = body;
      const endsAt = endOf({ for: lasting }, { lasting: "for", until: "ends_at" }, clock());
      const caller = await namedCaller(context, named, "body");
      const suspension = await control.suspensions.suspend({ ...caller, reason, endsAt }, actor);
      if (suspension.version === 1) reply.code(201).header("Location", `/admin/v1/suspensions/${suspension.id}`);
      return reply.header("ETag", etagOf(suspension)).send(toJson(suspension));
    },
  );

  app.get(
    "/suspensions",
    {
      schema: {
        operationId: "listSuspensions",
        summary: "List suspensions",
        tags,
        querystring: only({
          active: Type.Optional(
            Type.Boolean({ description: "True: those that hold now. False: those that are over." }),
          ),
          ...pageFields,
        }),
        response: { 200: jsonAnswer("A page of suspensions.", pageSchema(suspensionSchema)), ...refusals() },
      },
    },
    async ({ query }, reply) => {
      const page = await control.suspensions.list({ active: query.active }, pageRequestOf(query));
      return reply.send(pageJson(page, toJson));
    },
  );

  app.get(
    "/suspensions/:id",
    {
      schema: {
        operationId: "getSuspension",
        summary: "Show a suspension",
        tags,
        params,
        headers: ifNoneMatch,
        response: {
          200: recordAnswer("The suspension.", suspensionSchema),
          304: emptyAnswer("It is as the reader has it."),
          ...refusals(404),
        },
      },
    },
    async (request, reply) => {
      const suspension = await control.suspensions.get(request.params.id);
      return sendRecord(request, reply, suspension, toJson(suspension));
    },
  );

  app.post(
    "/suspensions/:id/lift",
    {
      schema: {
        operationId: "liftSuspension",
        summary: "End a suspension now",
        tags,
        params,
        body: nothing,
        headers: ifMatch,
        response: {
          200: recordAnswer("The suspension, lifted.", suspensionSchema),
          ...refusals(404, 409, 412, ...BODY_REFUSALS),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const precondition = await preconditionOf(request, () => control.suspensions.get(id));
      const suspension = await control.suspensions.lift(id, actor, precondition);
      return reply.header("ETag", etagOf(suspension)).send(toJson(suspension));
    },
  );
}
