import Type from "typebox";
import { noneOf } from "../../policy-outline.ts";
import { type Enforcement, resetUsage, usageOf } from "../../usage.ts";
import { type UsageCaller, usageCallersOf } from "../../usage-caller.ts";
import { wordFor } from "../../usage-counters.ts";
import type { AdminApp, AdminContext } from "../admin-options.ts";
import { BODY_REFUSALS, jsonAnswer, refusals } from "../answers.ts";
import { only } from "../body.ts";
import { callerFields, namedCaller } from "../named-caller.ts";
import { type UsageReportJson, usageJson, usageReportSchema } from "../records/usage.ts";
import { bodyFault, Refusal } from "../refusal.ts";
import { refTo } from "../schema.ts";

const tags = ["Usage"];

/** Adds what there is under `/admin/v1/usage`. */
export function addUsageRoutes(app: AdminApp, context: AdminContext): void {
  const { control, actor, clock } = context;

  const report = async (
    enforcement: Enforcement,
    { callers, isComplete }: { readonly callers: readonly UsageCaller[]; readonly isComplete: boolean },
  ): Promise<UsageReportJson> => {
    const now = clock();
    const usage = await usageOf(enforcement, callers, now);
    return { items: usage.usages.map((each) => usageJson(each, now)), complete: isComplete && usage.isComplete };
  };

  app.get(
    "/usage",
    {
      schema: {
        operationId: "getUsage",
        summary: "Show how a caller stands with every limit that counts by it",
        description:
          "Needs one of `account`, `key`, `token` and `ip`. Of an account, its keys' and tokens' counters too.",
        tags,
        querystring: only(callerFields),
        response: { 200: jsonAnswer("The counters.", refTo(usageReportSchema)), ...refusals(404, 409) },
      },
    },
    async ({ query }, reply) => {
      const enforcement = enforcementOf(context);
      const caller = await namedCaller(context, query, "query");
      return reply.send(await report(enforcement, await usageCallersOf(control, caller, clock())));
    },
  );

  app.post(
    "/usage/reset",
    {
      schema: {
        operationId: "resetUsage",
        summary: "Forget what a caller has used of one limit",
        description:
          "Needs one of `account`, `key`, `token` and `ip`. Under every endpoint and method that the limit counts apart; of an account, its keys' and tokens' counters too.",
        tags,
        body: only({ ...callerFields, limit: Type.String({ description: "The limit's name." }) }),
        response: {
          200: jsonAnswer("The counters as they are now.", refTo(usageReportSchema)),
          ...refusals(409, ...BODY_REFUSALS),
        },
      },
    },
    async ({ body }, reply) => {
      const enforcement = enforcementOf(context);
      const { limit, ...named } = body;
      const caller = await namedCaller(context, named, "body");
      const counted = await usageCallersOf(control, caller, clock());
      checkCounted(enforcement, counted.callers, limit);
      // What is noted and then fails to happen can be asked for again; what happens unnoted is lost.
      const subject = { type: SUBJECT_TYPES[caller.caller], id: caller.value };
      await control.audit.note({ action: "usage.reset", subject, after: { limit } }, actor);
      await resetUsage(enforcement, counted.callers, limit);
      return reply.send(await report(enforcement, counted));
    },
  );
}

/** What the audit calls the callers' records. */
const SUBJECT_TYPES = { account: "account", "api-key": "key", token: "token", ip: "ip" } as const;

function enforcementOf({ enforcement }: AdminContext): Enforcement {
  const found = enforcement();
  if (found) return found;
  throw new Refusal("HG_ADMIN_NOT_SERVING", "Counters live in the memory of a running server: start one, and ask it.");
}

function checkCounted({ policy }: Enforcement, callers: readonly UsageCaller[], limit: string): void {
  const words = new Set<string>(callers.map(({ caller }) => wordFor(caller, policy)));
  const own = policy.limits.filter((each) => each.limit.name === limit);
  if (own.length === 0) {
    throw bodyFault("limit", noneOf(policy.limits.map((each) => each.limit.name)), "HG_LIMIT_UNKNOWN");
  }
  if (own.some(({ per }) => per.some((word) => words.has(word)))) return;
  const per = own.map((each) => each.per.join(", ") || "nobody").join(" and by ");
  throw bodyFault("limit", `does not count by that caller, but by ${per}`, "HG_LIMIT_UNKNOWN");
}
