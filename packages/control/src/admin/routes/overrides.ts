import type { QuotaOverride } from "@headgate/policy";
import Type from "typebox";
import type { Control } from "../../control.ts";
import type { Override } from "../../override.ts";
import type { AdminApp, AdminContext } from "../admin-options.ts";
import { BODY_REFUSALS, createdAnswer, emptyAnswer, jsonAnswer, recordAnswer, refusals } from "../answers.ts";
import { namedIn, oneOf, only } from "../body.ts";
import { durationField, endOf, instantField } from "../instants.ts";
import { pageFields, pageJson, pageRequestOf, pageSchema } from "../pagination.ts";
import { checkOverride } from "../policy-names.ts";
import { etagOf, ifMatch, ifNoneMatch, preconditionOf, sendRecord } from "../preconditions.ts";
import { overrideJson, overrideSchema } from "../records/override.ts";

const tags = ["Overrides"];
const params = only({ id: Type.String({ description: "`ovr_…`" }) });
const account = Type.Optional(Type.String({ description: "The account's id, or its name." }));
const key = Type.Optional(Type.String({ description: "The key's id." }));
const SUBJECTS = ["account", "key"] as const;
const CHANGES = ["quota", "factor", "unlimited"] as const;

/** Adds what there is under `/admin/v1/overrides`. */
export function addOverrideRoutes(app: AdminApp, context: AdminContext): void {
  const { control, actor, clock } = context;

  app.post(
    "/overrides",
    {
      schema: {
        operationId: "setOverride",
        summary: "Set an override, or replace the one there is",
        description: "Needs `account` or `key`, and one of `quota`, `factor` and `unlimited`.",
        tags,
        body: only({
          account,
          key,
          limit: Type.String({ description: "The limit's name." }),
          quota: Type.Optional(Type.Integer({ description: "The quota instead: 1 to 2^40." })),
          factor: Type.Optional(Type.Number({ description: "So many times the caller's own quota: up to 1 000 000." })),
          unlimited: Type.Optional(Type.Literal(true, { description: "The limit does not hold at all." })),
          for: durationField("How long it holds. Default: until it is removed."),
          expires_at: instantField("Until when it holds, instead of `for`."),
          reason: Type.Optional(Type.String({ description: "Why, for people: up to 500 characters." })),
        }),
        headers: ifMatch,
        response: {
          200: recordAnswer("The override, which replaces another.", overrideSchema),
          201: createdAnswer("The override, where there was none.", overrideSchema),
          ...refusals(412, ...BODY_REFUSALS),
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const field = oneOf(body, SUBJECTS, "body");
      const change = changeIn(body);
      checkOverride(context, body.limit, change.kind === "unlimited");
      const expiresAt = endOf(body, { lasting: "for", until: "expires_at" }, clock());
      const id = await namedIn(field, () => subjectId(control, body));
      const subject = { type: field, id };
      const precondition = await preconditionOf(request, () => standingOverride(control, id, body.limit));
      const fields = { subject, limit: body.limit, change, expiresAt, reason: body.reason };
      const override = await control.overrides.set(fields, actor, precondition);
      if (override.version === 1) reply.code(201).header("Location", `/admin/v1/overrides/${override.id}`);
      return reply.header("ETag", etagOf(override)).send(overrideJson(override));
    },
  );

  app.get(
    "/overrides",
    {
      schema: {
        operationId: "listOverrides",
        summary: "List overrides",
        tags,
        querystring: only({ account, key, ...pageFields }),
        response: { 200: jsonAnswer("A page of overrides.", pageSchema(overrideSchema)), ...refusals(404) },
      },
    },
    async ({ query }, reply) => {
      const isFiltered = query.account !== undefined || query.key !== undefined;
      if (isFiltered) oneOf(query, SUBJECTS, "query");
      const filter = isFiltered ? { subjectId: await subjectId(control, query) } : {};
      return reply.send(pageJson(await control.overrides.list(filter, pageRequestOf(query)), overrideJson));
    },
  );

  app.get(
    "/overrides/:id",
    {
      schema: {
        operationId: "getOverride",
        summary: "Show an override",
        tags,
        params,
        headers: ifNoneMatch,
        response: {
          200: recordAnswer("The override.", overrideSchema),
          304: emptyAnswer("It is as the reader has it."),
          ...refusals(404),
        },
      },
    },
    async (request, reply) => {
      const override = await control.overrides.get(request.params.id);
      return sendRecord(request, reply, override, overrideJson(override));
    },
  );

  app.delete(
    "/overrides/:id",
    {
      schema: {
        operationId: "removeOverride",
        summary: "Remove an override",
        tags,
        params,
        headers: ifMatch,
        response: { 204: emptyAnswer("It is removed."), ...refusals(404, 412) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const precondition = await preconditionOf(request, () => control.overrides.get(id));
      await control.overrides.remove(id, actor, precondition);
      return reply.code(204).send(null);
    },
  );
}

function changeIn(body: { quota?: number; factor?: number; unlimited?: true }): QuotaOverride {
  const kind = oneOf(body, CHANGES, "body");
  if (kind === "quota") return { kind, quota: body.quota as number };
  if (kind === "factor") return { kind, factor: body.factor as number };
  return { kind };
}

async function subjectId(control: Control, given: { account?: string; key?: string }): Promise<string> {
  if (given.account !== undefined) return (await control.accounts.get(given.account)).id;
  return (await control.keys.get(given.key ?? "")).id;
}

/** The override that setting another would replace. */
async function standingOverride(control: Control, subjectId: string, limit: string): Promise<Override | undefined> {
  let after: string | undefined;
  do {
    const page = await control.overrides.list({ subjectId }, { after, limit: 100 });
    const found = page.items.find((override) => override.limit === limit);
    if (found) return found;
    after = page.next;
  } while (after !== undefined);
  return undefined;
}
