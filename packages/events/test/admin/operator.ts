import { createAdmin } from "@headgate/control";
import { onTestFinished } from "vitest";
import { ApiDescription } from "../../../control/test/admin/api-description.ts";
import { webhookAdmin } from "../../src/admin/webhook-admin.ts";
import { webhookOffice } from "../../src/admin/webhook-office.ts";
import type { Instance } from "../webhooks/delivery-rig.ts";

/** The admin API with webhooks' routes, beside an instance that delivers. */
export interface Operator {
  /** Asks with the admin token, below `/admin/v1`. Every answer is held to the API's own description. */
  ask(method: "GET" | "POST", path: string, asked?: Asked): Promise<Answer>;
  /** What the audit says of webhooks, the first entry first. */
  audit(): Promise<unknown[]>;
}

interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what tests look at, they name
  readonly body: any;
}

const TOKEN = "an-admin-token-for-tests";

export async function operatorOf(instance: Instance): Promise<Operator> {
  const { control, clock, log, webhooks } = instance;
  const app = createAdmin({
    control,
    clock,
    log,
    token: TOKEN,
    isReady: () => true,
    enforcement: () => undefined,
    routes: [webhookAdmin(webhookOffice(instance, webhooks.wake))],
  });
  onTestFinished(() => app.close());
  await app.ready();
  const description = new ApiDescription(app.swagger());
  return {
    async ask(method, path, { body, headers } = {}) {
      const response = await app.inject({
        method,
        url: `/admin/v1/${path}`,
        headers: { authorization: `Bearer ${TOKEN}`, ...headers },
        ...(body !== undefined && { payload: body as object }),
      });
      const answer = {
        status: response.statusCode,
        headers: response.headers as Answer["headers"],
        text: response.body,
        body: response.body === "" ? undefined : response.json(),
      };
      description.check(method, `/admin/v1/${path}`, answer);
      return answer;
    },
    async audit() {
      const { items } = await control.audit.list();
      return items
        .filter(({ subject }) => subject.type === "webhook")
        .map(({ actor, action, subject, after }) => [actor, action, subject.id, after])
        .toReversed();
    },
  };
}
