import { tokenPrefixFor } from "@headgate/control/lookup";
import { expect, test } from "vitest";

test.each([
  [["at_", "wt_"], "at_", "wt_"],
  [["ex_wt_", "ex_at_", "ex_2_"], "ex_at_", "ex_wt_"],
  [["at_"], "at_", "hg_wt_"],
  [["wt_"], "hg_at_", "wt_"],
  [[""], "hg_at_", "hg_wt_"],
  [[], "hg_at_", "hg_wt_"],
  [undefined, "hg_at_", "hg_wt_"],
])(
  "of a policy's prefixes %j, access tokens begin with %s and widget tokens with %s",
  (tokenPrefixes, access, widget) => {
    const issuing = tokenPrefixes && { tokenPrefixes, keyPrefixes: [], tokenPath: undefined, tokenLifetimeMs: 1 };
    expect([tokenPrefixFor(issuing, "access"), tokenPrefixFor(issuing, "widget")]).toEqual([access, widget]);
  },
);
