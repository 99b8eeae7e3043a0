import { loadPolicy } from "@headgate/policy";
import { expect, test } from "vitest";
import { banner } from "../../packages/headgate/src/banner.ts";

test("what a policy says of itself cannot write elsewhere on the terminal", () => {
  const title = "Nice\u001b[2J\u001b]0;owned\u0007 API\u202e";
  const text = `headgate: 1\ntitle: ${JSON.stringify(title)}\nlimits: [{ name: a, match: { path: "/a\u001b[1A/**" }, per: ip, quota: 1, window: 1m }]`;
  const { policy } = loadPolicy(text);
  if (!policy) throw new Error("the policy has faults");
  const lines = banner(
    policy,
    { policy: "p.yaml", gateway: "http://localhost:8080", admin: "http://localhost:8081", upstream: "http://u" },
    { token: { secret: "s", file: undefined, isNew: false }, records: ".headgate", key: "" },
  );
  expect(lines).toContain("(Nice\\u{1b}[2J\\u{1b}]0;owned\\u{7} API\\u{202e}, 1 limit)");
  expect(lines.replaceAll("\n", "")).not.toMatch(/\p{Cc}|\p{Cf}/u);
});
