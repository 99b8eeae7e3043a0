import { readFileSync } from "node:fs";
import { CORE_ERRORS } from "@headgate/core";
import { GATEWAY_ERRORS } from "@headgate/gateway";
import { POLICY_ERRORS } from "@headgate/policy";
import { HEADGATE_ERRORS } from "headgate";
import { expect, test } from "vitest";

test("docs/reference/errors.md and the code list the same error codes", () => {
  const page = readFileSync(new URL("../docs/reference/errors.md", import.meta.url), "utf8");
  const documented = [...page.matchAll(/^### `(HG_[A-Z_]+)`/gm)].map(([, code]) => code);
  const inCode = Object.keys({ ...CORE_ERRORS, ...POLICY_ERRORS, ...GATEWAY_ERRORS, ...HEADGATE_ERRORS });
  expect(documented.toSorted()).toEqual(inCode.toSorted());
});
