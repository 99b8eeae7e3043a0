import Type from "typebox";
import type { AdminApp, AdminContext } from "../admin-options.ts";
import { BODY_REFUSALS, createdAnswer, emptyAnswer, jsonAnswer, recordAnswer, refusals } from "../answers.ts";
import { nothing, only } from "../body.ts";
import { pageFields, pageJson, pageRequestOf, pageSchema } from "../pagination.ts";
import { checkPlan } from "../policy-names.ts";
import { etagOf, ifMatch, ifNoneMatch, preconditionOf, sendRecord } from "../preconditions.ts";
import { accountJson, accountSchema } from "../records/account.ts";
import { suspensionJson, suspensionSchema } from "../records/suspension.ts";
import { Refusal } from "../refusal.ts";
import { textOrNull } from "../schema.ts";

const tags = ["Accounts"];
const params = only({ account: Type.String({ description: "The account's id, or its name." }) });
const nameField = Type.String({
  description: "1 to 100 characters, none of them invisible.",
  examples: ["Example Ltd"],
});

/** Adds what there is under `/admin/v1/accounts`. */
export function addAccountRoutes(app: AdminApp, context: AdminContext): void {
  const { control, actor, clock } = context;

  app.post(
    "/accounts",
    {
      schema: {
        operationId: "createAccount",
        summary: "Create an account",
        tags,
        body: only({ name: nameField, plan: Type.Optional(Type.String({ description: "A plan of the policy." })) }),
        response: { 201: createdAnswer("The account.", accountSchema), ...refusals(409, ...BODY_REFUSALS) },
      },
    },
    async ({ body }, reply) => {
      checkPlan(context, body.plan);
      const account = await control.accounts.create(body, actor);
      reply.code(201).headers({ Location: `/admin/v1/accounts/${account.id}`, ETag: etagOf(account) });
      return reply.send(accountJson(account));
    },
  );

  app.get(
    "/accounts",
    {
      schema: {
        operationId: "listAccounts",
        summary: "List accounts",
        tags,
        querystring: only(pageFields),
        response: { 200: jsonAnswer("A page of accounts.", pageSchema(accountSchema)), ...refusals() },
      },
    },
    async ({ query }, reply) => reply.send(pageJson(await control.accounts.list(pageRequestOf(query)), accountJson)),
  );

  app.get(
    "/accounts/:account",
    {
      schema: {
        operationId: "getAccount",
        summary: "Show an account",
        tags,
        params,
        headers: ifNoneMatch,
        response: {
          200: recordAnswer("The account.", accountSchema),
          304: emptyAnswer("It is as the reader has it."),
          ...refusals(404),
        },
      },
    },
    async (request, reply) => {
      const account = await control.accounts.get(request.params.account);
      return sendRecord(request, reply, account, accountJson(account));
    },
  );

  app.patch(
    "/accounts/:account",
    {
      schema: {
        operationId: "updateAccount",
        summary: "Rename an account, or change its plan",
        tags,
        params,
        body: only({
          name: Type.Optional(nameField),
          plan: Type.Optional(textOrNull("A plan of the policy; null takes the plan away.")),
        }),
        headers: ifMatch,
        response: { 200: recordAnswer("The account.", accountSchema), ...refusals(404, 409, 412, ...BODY_REFUSALS) },
      },
    },
    async (request, reply) => {
      checkPlan(context, request.body.plan);
      const { id } = await control.accounts.get(request.params.account);
      const precondition = await preconditionOf(request, () => control.accounts.get(id));
      const account = await control.accounts.update(id, request.body, actor, precondition);
      return reply.header("ETag", etagOf(account)).send(accountJson(account));
    },
  );

  app.post(
    "/accounts/:account/lift",
    {
      schema: {
        operationId: "liftAccount",
        summary: "Lift the suspension that an account is under",
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
      const { id, name } = await control.accounts.get(request.params.account);
      const active = control.directory.suspensionOf({ account: id }, clock());
      if (!active) throw new Refusal("HG_SUSPENSION_OVER", `The account ${name} is not suspended.`);
      const precondition = await preconditionOf(request, () => control.suspensions.get(active.id));
      const lifted = await control.suspensions.lift(active.id, actor, precondition);
      return reply.header("ETag", etagOf(lifted)).send(suspensionJson(lifted, clock()));
    },
  );
}
