import { createAdmin, openControl } from "@headgate/control";
import { openWebhookAdmin } from "@headgate/events/admin";
import { openStorage } from "@headgate/storage";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";
import { Page } from "./page.ts";

const TOKEN = "an-admin-token-for-tests";

test("admin.md lists the routes that the admin API describes, and no others", async () => {
  const listed = new Page("docs/reference/admin.md").tableUnder("Asking").map(([route]) => route);
  expect(listed.toSorted()).toEqual((await describedRoutes()).toSorted());
});

/** `GET /admin/v1/accounts` and so on, of the API's own description, and where that is. */
async function describedRoutes(): Promise<string[]> {
  const log = { info() {}, warn() {}, error() {} };
  const storage = await openStorage({ folder: await temporaryFolder() });
  const control = await openControl({ storage, clock: Date.now, log });
  onTestFinished(async () => {
    await control.close();
    await storage.close();
  });
  const admin = createAdmin({
    control,
    clock: Date.now,
    log,
    token: TOKEN,
    isReady: () => true,
    enforcement: () => undefined,
    routes: [await openWebhookAdmin({ control, clock: Date.now })],
  });
  onTestFinished(() => admin.close());
  const url = "/admin/v1/openapi.json";
  const { paths } = (await admin.inject({ url, headers: { authorization: `Bearer ${TOKEN}` } })).json() as {
    paths: Record<string, Record<string, unknown>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}
