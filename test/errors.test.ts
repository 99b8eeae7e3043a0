import { readFileSync } from "node:fs";
import { CLIENT_ERRORS } from "@headgate/client";
import { ADMIN_ERRORS, CONTROL_ERRORS } from "@headgate/control";
import { CORE_ERRORS } from "@headgate/core";
import { EVENTS_ERRORS } from "@headgate/events";
import { GATEWAY_ERRORS } from "@headgate/gateway";
import { HANDBOOK_ERRORS } from "@headgate/handbook";
import { POLICY_ERRORS } from "@headgate/policy";
import { REDIS_ERRORS } from "@headgate/redis";
import { REHEARSE_ERRORS } from "@headgate/rehearse";
import { STORAGE_ERRORS } from "@headgate/storage";
import { HEADGATE_ERRORS } from "headgate";
import { expect, test } from "vitest";

test("docs/reference/errors.md and the code list the same error codes", () => {
  const page = readFileSync(new URL("../docs/reference/errors.md", import.meta.url), "utf8");
  const documented = [...page.matchAll(/^### `(HG_[A-Z_]+)`/gm)].map(([, code]) => code);
  const inCode = [
    CORE_ERRORS,
    POLICY_ERRORS,
    STORAGE_ERRORS,
    REDIS_ERRORS,
    CLIENT_ERRORS,
    REHEARSE_ERRORS,
    HANDBOOK_ERRORS,
    CONTROL_ERRORS,
    ADMIN_ERRORS,
    EVENTS_ERRORS,
    GATEWAY_ERRORS,
    HEADGATE_ERRORS,
  ].flatMap(Object.keys);
  expect(documented.toSorted()).toEqual(inCode.toSorted());
});
