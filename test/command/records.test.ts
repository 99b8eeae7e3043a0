import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { policyFile, serve, serveAt, startUpstream } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { headgate, headgateProcess } from "./headgate.ts";
import { type Json, type OnFolder, onFolder } from "./on-folder.ts";

interface List {
  readonly items: readonly Json[];
  readonly next_cursor: string | null;
}

/** A server within this process starts in a tenth of the time. `find-admin.test.ts` has servers in processes of their own. */
async function onServer(): Promise<OnFolder> {
  const upstream = await startUpstream();
  const { data } = await serveAt(Date.now(), "initial-state", upstream.url);
  return onFolder(data);
}

/** Commands work the same on a folder that no server has open, and through the server that has: they ask one API. */
const places: readonly [string, () => Promise<OnFolder>][] = [
  ["without a server", onFolder],
  ["with a server", onServer],
];

describe.each(places)("%s", { timeout: 60_000 }, (_, open) => {
  test("one line makes a key, and the account it is for", async () => {
    const { run, json } = await open();
    const { exitCode, stdout, stderr } = await run("keys", "create", "--quiet");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\w+\n$/);
    expect(stderr).toBe("headgate: there was no account default, so it was made\n");

    const again = await run("keys", "create");
    expect(again.stderr).toBe("");
    expect(again.stdout).toContain("it will not be shown again");
    const { items } = await json<List>("accounts", "list");
    expect(items).toMatchObject([{ name: "default", plan: null }]);
  });

  test("the audit says who changed what, and that it is as it was written", async () => {
    const { json, quiet, run } = await open();
    const [account = ""] = await quiet("accounts", "create", "A");
    await run("accounts", "update", "A", "--name", "B");
    const { items } = await json<List>("audit", "--subject", account);
    expect(items.map(({ action }) => action)).toEqual(["account.updated", "account.created"]);
    expect((await run("audit", "--limit", "1")).stdout).toMatch(/account\.updated .*name: A → B\n.*older/);
    const verdict = await run("audit", "verify");
    expect(verdict.stdout).toMatch(/^good: 2 entries/);
    expect(verdict.exitCode).toBe(0);
  });
});

describe("through a server", { timeout: 60_000 }, () => {
  const open = onServer;

  test("accounts are created, listed, shown and updated, by name and by id", async () => {
    const { run, json, quiet } = await open();
    const [id = ""] = await quiet("accounts", "create", "Example Ltd");
    expect(await json("accounts", "show", "Example Ltd")).toMatchObject({ id, name: "Example Ltd" });
    expect(await json("accounts", "update", id, "--name", "Example AG")).toMatchObject({ id, name: "Example AG" });
    expect(await quiet("accounts", "list")).toEqual([id]);
    expect((await run("accounts", "list")).stdout).toMatch(
      new RegExp(`^account +name +plan +created\n${id} +Example AG +— +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ\n$`),
    );

    const taken = await run("accounts", "create", "example ag");
    expect(taken.stderr).toMatch(/^headgate: HG_NAME_TAKEN /);
    expect(taken.exitCode).toBe(1);
  });

  test("keys are made, listed, rotated and revoked; a secret is in no list", async () => {
    const { json, quiet, run } = await open();
    const key = await json("keys", "create", "--account", "A", "--name", "ci", "--expires", "30d", "--scope", "read");
    expect(key).toMatchObject({ name: "ci", scopes: ["read"], revoked_at: null, secret: expect.any(String) });
    const id = key.id as string;
    const [secret = ""] = await quiet("keys", "rotate", id, "--overlap", "0s");
    expect(secret).not.toBe(key.secret);
    const shown = await run("keys", "list", "--account", "A");
    expect(shown.stdout).toContain(id);
    expect(shown.stdout).not.toContain(secret);
    expect(await json("keys", "show", id)).not.toHaveProperty("secret");
    expect(await json("keys", "revoke", id)).toMatchObject({ id, revoked_at: expect.any(String) });

    const late = await run("keys", "rotate", id);
    expect(late.stderr).toMatch(/^headgate: HG_KEY_REVOKED /);
    expect(late.exitCode).toBe(1);
  });

  test("what is not on record is said to be so, in one line and with 1", async () => {
    const { run } = await open();
    await run("accounts", "create", "A");
    for (const [args, code] of [
      [["accounts", "show", "Nobody"], "HG_ACCOUNT_UNKNOWN"],
      [["keys", "show", "key_none"], "HG_KEY_UNKNOWN"],
      [["suspensions", "lift", "A"], "HG_SUSPENSION_OVER"],
      [["webhooks", "show", "whk_none"], "HG_WEBHOOK_UNKNOWN"],
      [["keys", "create", "--expires", "500d"], "HG_LIFETIME_INVALID"],
    ] as const) {
      const { exitCode, stdout, stderr } = await run(...args);
      expect(stderr, args.join(" ")).toMatch(new RegExp(`headgate: ${code}`));
      expect(stdout).toBe("");
      expect(exitCode).toBe(1);
    }
  });

  test("tokens are minted from a key, listed and revoked", async () => {
    const { json, quiet } = await open();
    const { id: key } = await json<{ id: string }>("keys", "create");
    const token = await json("tokens", "create", "--key", key, "--widget", "--for", "1h");
    expect(token).toMatchObject({ key_id: key, kind: "widget", scopes: ["read"], secret: expect.any(String) });
    const [secret] = await quiet("tokens", "create", "--key", key, "--scope", "read");
    expect(secret).toMatch(/^\w+$/);
    expect(await quiet("tokens", "list", "--key", key)).toHaveLength(2);
    expect(await json("tokens", "revoke", token.id as string)).toMatchObject({ revoked_at: expect.any(String) });
  });

  test("a widget's token is minted for one actor or one target, and listed as what it shows", async () => {
    const { json, run } = await open();
    const { id: key } = await json<{ id: string }>("keys", "create");
    const create = ["tokens", "create", "--key", key, "--widget"];
    expect(await json(...create, "--actor", "user_1")).toMatchObject({ kind: "widget", actor: "user_1", target: null });
    expect(await json(...create, "--target", "\u202e9")).toMatchObject({ actor: null, target: "\u202e9" });
    expect((await run(...create)).stdout).toContain("all events");
    const { stdout } = await run("tokens", "list");
    expect(stdout).toContain("actor user_1");
    expect(stdout).toContain("target \\u{202e}9");

    const both = await run(...create, "--actor", "user_1", "--target", "doc_9");
    expect(both.stderr).toMatch(/^headgate: HG_WIDGET_INVALID /);
    expect(both.exitCode).toBe(1);
    expect((await run("tokens", "create", "--key", key, "--actor", "user_1")).exitCode).toBe(1);
  });

  test("an override is set, replaced, listed and removed", async () => {
    const { json, quiet, run } = await open();
    await quiet("accounts", "create", "A");
    const set = ["overrides", "set", "--account", "A", "--limit", "calls"];
    const { id } = await json<{ id: string }>(...set, "--quota", "90", "--for", "30d", "--reason", "asked for it");
    expect(await json(...set, "--factor", "1.5")).toMatchObject({ id, quota: null, factor: 1.5 });
    expect(await json(...set, "--unlimited")).toMatchObject({ id, unlimited: true });
    expect(await quiet("overrides", "list", "--account", "A")).toEqual([id]);
    expect((await run("overrides", "remove", id)).stdout).toBe(`${id} is removed.\n`);
    expect((await run("overrides", "list")).stdout).toBe("No overrides.\n");
  });

  test("a caller is suspended, listed, and lifted by its name", async () => {
    const { json, quiet, run } = await open();
    const [account] = await quiet("accounts", "create", "A");
    await run("suspensions", "start", "--account", "A", "--reason", "abuse", "--for", "1h");
    const { items } = await json<List>("suspensions", "list");
    expect(items).toMatchObject([{ caller: "account", value: account, reason: "abuse" }]);
    expect(await json("suspensions", "lift", "A")).toMatchObject({ lifted_at: expect.any(String) });
    expect((await run("suspensions", "list")).stdout).toBe("Nobody is suspended.\n");
    expect(await quiet("suspensions", "list", "--all")).toHaveLength(1);

    const [byAddress = ""] = await quiet("suspensions", "start", "--ip", "203.0.113.9", "--reason", "scraping");
    expect(await quiet("suspensions", "lift", byAddress)).toEqual([byAddress]);
  });
});

test("keys begin as --prefix says, else as --policy does, else as the last server's policy did", async () => {
  const { folder, quiet } = await onFolder();
  const upstream = await startUpstream();
  expect(await quiet("keys", "create")).toEqual([expect.stringMatching(/^hg_sk_/)]);
  expect(await quiet("keys", "create", "--policy", policyFile("logproof"))).toEqual([
    expect.stringMatching(/^lp_test_/),
  ]);
  expect(await quiet("keys", "create", "--prefix", "my_")).toEqual([expect.stringMatching(/^my_/)]);

  const served = await serve(policyFile("logproof"), upstream.url, { data: folder });
  process.kill(served.pid, "SIGTERM");
  expect(await served.exited).toBe(0);
  const { id, secret } = JSON.parse((await (await onFolder(folder)).run("keys", "create", "--json")).stdout);
  expect(secret).toMatch(/^lp_test_/);
  expect(await quiet("keys", "rotate", id)).toEqual([expect.stringMatching(/^lp_test_/)]);
});

test("without a server, plans and limits are those of the policy last served, or of --policy", async () => {
  const upstream = await startUpstream();
  const before = await onFolder();
  await before.run("accounts", "create", "A", "--plan", "gold");
  const served = await serve(policyFile("keymint"), upstream.url, { data: before.folder });
  expect(served.log()).toMatch(/"plan":"gold","accounts":1,.*"msg":"plan-unknown"/);
  process.kill(served.pid, "SIGTERM");
  expect(await served.exited).toBe(0);

  const { run } = await onFolder(before.folder);
  const set = ["overrides", "set", "--account", "A", "--limit", "calls", "--quota", "5"];
  for (const [args, code] of [
    [["accounts", "create", "B", "--plan", "gold"], "HG_PLAN_UNKNOWN"],
    [["accounts", "update", "A", "--plan", "silver"], "HG_PLAN_UNKNOWN"],
    [set, "HG_LIMIT_UNKNOWN"],
  ] as const) {
    const { exitCode, stderr } = await run(...args);
    expect(stderr).toMatch(new RegExp(`^headgate: ${code} `));
    expect(exitCode).toBe(1);
  }
  expect((await run(...set, "--policy", policyFile("initial-state"))).exitCode).toBe(0);
});

test("tables and the audit call accounts by their names", async () => {
  const { json, run } = await onFolder();
  const { id: key, account_id: account } = await json<{ id: string; account_id: string }>(
    "keys",
    "create",
    "--account",
    "Acme",
  );
  await run("tokens", "create", "--key", key);
  await run("overrides", "set", "--account", "Acme", "--limit", "calls", "--quota", "1000000");
  await run("suspensions", "start", "--account", "Acme", "--reason", "abuse");
  for (const [args, cells] of [
    [["keys", "list"], /^key_\S+ +Acme /m],
    [["tokens", "list"], /^tok_\S+ +key_\S+ +Acme /m],
    [["overrides", "list"], /^ovr_\S+ +account Acme +calls +1,000,000 /m],
    [["suspensions", "list"], /^sus_\S+ +account Acme +abuse /m],
    [["audit"], /override\.set .*subject: account Acme, limit: calls, quota: 1000000/],
    [["audit", "--subject", "acme"], / account\.created +Acme +name: Acme$/m],
  ] as const) {
    const { stdout } = await run(...args);
    expect(stdout).toMatch(cells);
    expect(stdout).not.toContain(account);
    expect(stdout).not.toContain("{");
  }
  expect((await run("audit", "--subject", "nobody")).stdout).toBe("There is no record of nobody.\n");
});

test("a process ends with what its command came to, and keeps errors apart from answers", async () => {
  const data = ["--data", await temporaryFolder()];
  expect(await headgateProcess({}, "accounts", "create", "A", "--quiet", ...data)).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(/^acc_\w+\n$/),
    stderr: "",
  });
  const refused = await headgateProcess({}, "accounts", "show", "Nobody", ...data);
  expect(refused).toMatchObject({ exitCode: 1, stdout: "", stderr: expect.stringMatching(/^headgate: HG_ACCOUNT_/) });
  const misread = await headgateProcess({}, "accounts", "burn", ...data);
  expect(misread).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringMatching(/^headgate: HG_USAGE /) });
});

test("usage needs a server that counts", async () => {
  const { run } = await onFolder();
  await run("accounts", "create", "A");
  const { exitCode, stderr } = await run("usage", "A");
  expect(stderr).toMatch(/^headgate: HG_ADMIN_NOT_SERVING /);
  expect(exitCode).toBe(1);
});

test("what only looks makes no data folder", async () => {
  const folder = join(await temporaryFolder(), "none");
  const { exitCode, stderr } = await headgate("keys", "list", "--data", folder);
  expect(stderr).toMatch(/HG_DATA_MISSING .*--data.*headgate keys create/);
  expect(exitCode).toBe(2);
  expect(existsSync(folder)).toBe(false);
});

test.each([
  [["keys", "burn"], /HG_USAGE unknown command 'burn'/],
  [["overrides", "set", "--limit", "a", "--quota", "1"], /HG_USAGE .* give --account or --key/],
  [
    ["overrides", "set", "--limit", "a", "--account", "b", "--key", "c", "--quota", "1"],
    /HG_USAGE give only one of --account or --key/,
  ],
  [["overrides", "set", "--limit", "a", "--account", "b"], /HG_USAGE .*--quota, --factor or --unlimited/],
  [["overrides", "set", "--limit", "a", "--account", "b", "--quota", "many"], /HG_USAGE .*--quota/],
  [["tokens", "create"], /HG_USAGE .*--key/],
  [["usage"], /HG_USAGE .*an account, --key, --token or --ip/],
  [["webhooks", "deliveries", "whk_none", "--state", "lost"], /HG_USAGE .*--state/],
  [["webhooks", "replay", "whk_none"], /HG_USAGE .*--from/],
  [["keys", "list", "--admin-url", "ftp://127.0.0.1"], /HG_USAGE .*--admin-url/],
  [["keys", "create", "--policy", "nowhere.yaml"], /HG_POLICY_UNREADABLE/],
  [["keys", "create", "--expires", "30x"], /HG_USAGE .*--expires/],
  [["keys", "rotate", "key_none", "--overlap", "soon"], /HG_USAGE .*--overlap/],
  [["tokens", "create", "--key", "key_none", "--for", "1w"], /HG_USAGE .*--for/],
  [["suspensions", "start", "--ip", "foo", "--reason", "abuse"], /HG_USAGE .*--ip/],
  [["usage", "--ip", "300.1.1.1"], /HG_USAGE .*--ip/],
  [["webhooks", "replay", "whk_none", "--from", "yesterday"], /HG_USAGE .*--from/],
])("%j is not understood", async (args, message) => {
  const { run } = await onFolder();
  const { exitCode, stderr } = await run(...args);
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(2);
});

test("a group named alone shows what is in it, and the options that all of it has", async () => {
  const { stderr } = await headgate("keys");
  for (const word of ["create", "list", "show", "rotate", "revoke"]) expect(stderr).toContain(word);
  for (const flag of ["--data", "--admin-url", "--json", "--quiet"]) expect(stderr).toContain(flag);
  expect((await headgate("suspensions", "--help")).stdout).not.toContain("The gate:");
});
