import type { Control } from "@headgate/control";
import { HeadgateError } from "@headgate/core";
import { expect, test } from "vitest";
import { startRig } from "./rig.ts";

/** A control whose accounts cannot be listed. */
const failing =
  (error: Error) =>
  (control: Control): Control => ({
    ...control,
    accounts: Object.create(control.accounts, { list: { value: () => Promise.reject(error) } }),
  });

test.each([
  ["HG_STORAGE_UNREACHABLE", "the database does not answer"],
  ["HG_STORAGE_BUSY", "too many writes wait"],
  ["HG_STORE_TIMEOUT", "the counters do not answer"],
] as const)("%s asks to try again", async (code, message) => {
  const rig = await startRig({ wrap: failing(new HeadgateError(code, message)) });
  const { status, headers, body } = await rig.call("GET", "accounts");
  expect([status, headers["retry-after"], body.code, body.detail]).toEqual([503, "1", code, message]);
});

test.each([
  new TypeError("secret words of a bug"),
  new HeadgateError("HG_STORAGE_FAILED", "secret words of a database"),
])("a failure is answered in general words, and its own are in the log: %s", async (error) => {
  const rig = await startRig({ wrap: failing(error) });
  const { status, text, body } = await rig.call("GET", "accounts");
  expect([status, body.code]).toEqual([500, "HG_ADMIN_FAILED"]);
  expect(text).not.toContain("secret words");
  expect(rig.log).toMatchObject([{ level: "error", event: "admin-failed", route: "/admin/v1/accounts" }]);
  expect(rig.log[0]?.stack).toContain("secret words");
});
