import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import packageJson from "../../packages/client/package.json" with { type: "json" };
import { Page } from "./page.ts";

const page = new Page("docs/reference/client.md");

test.each([
  { heading: "`obey(fetch, options)`", file: "options.ts", interfaces: ["Patience", "ObeyOptions"] },
  {
    heading: "`new ResponseCache(store, options)`",
    file: "cache/response-cache.ts",
    interfaces: ["ResponseCacheOptions"],
  },
  { heading: "`new Batcher(options)`", file: "batch/batcher-options.ts", interfaces: ["BatcherOptions"] },
  {
    heading: "`verifyWebhook(request, secret, options)`",
    file: "webhooks/verify-webhook.ts",
    interfaces: ["VerifyWebhookOptions"],
  },
])("client.md lists the options under $heading as they are", ({ heading, file, interfaces }) => {
  const listed = page.tableUnder(heading).flatMap(([names = ""]) => names.replaceAll("`", "").split(", "));
  const inCode = interfaces.flatMap((name) => fieldsOf(name, file));
  expect(listed.toSorted()).toEqual(inCode.toSorted());
});

test("client.md lists the entries of the package, and what each has", async () => {
  const entries = page.tableUnder("The client").map(([entry = ""]) => entry.replace("@headgate/client", "."));
  expect(entries.toSorted()).toEqual(Object.keys(packageJson.exports).toSorted());
  for (const [entry = "", has = ""] of page.tableUnder("The client")) {
    const names = [...has.matchAll(/`([\w.]+)/g)].map(([, name]) => name as string);
    expect(Object.keys(await import(entry))).toEqual(expect.arrayContaining(names));
  }
});

/** The names of an interface's fields. */
function fieldsOf(name: string, file: string): string[] {
  const source = readFileSync(new URL(`../../packages/client/src/${file}`, import.meta.url), "utf8");
  const body = new RegExp(`interface ${name}[^{]*\\{\n(.*?)\n\\}`, "s").exec(source)?.[1] ?? "";
  return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field]) => field as string);
}
