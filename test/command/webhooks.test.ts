import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { bearer, issueKey } from "../systems/admin.ts";
import { policyFile, type Received, type Served, serve, startUpstream } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Json, type OnFolder, onFolder } from "./on-folder.ts";

interface Opened extends OnFolder {
  /** Has a webhook that was sent two events. */
  readonly webhook: string;
  /** What it was sent. */
  readonly received: readonly Received[];
  /** A server on the folder: the one that is there, or a new one. */
  serving(): Promise<unknown>;
}

interface List {
  readonly items: readonly Json[];
}

/** A server's folder on which somebody has a webhook, at a receiver on this machine, that was sent two events. */
async function openWith(isServing: boolean): Promise<Opened> {
  const policy = join(await temporaryFolder(), "policy.yaml");
  const networks = "events: { webhooks: { networks: [127.0.0.0/8] } }\n";
  await writeFile(policy, (await readFile(policyFile("default"), "utf8")) + networks);
  const { url, received } = await startUpstream();
  const gate = await serve(policy);
  const headers = { ...bearer(await issueKey(gate, "Acme")), "content-type": "application/json" };
  const post = async (path: string, body: object): Promise<Json> => {
    const response = await fetch(gate.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Json;
  };
  const { id } = await post("/v1/webhooks", { url, events: ["event.created"] });
  await post("/v1/events/batch", { events: [{ type: "user.login" }, { type: "user.logout" }] });
  await vi.waitFor(() => expect(sent(received)).toHaveLength(2), 10_000);
  if (!isServing) await stopped(gate);
  return {
    ...(await onFolder(gate.data)),
    webhook: String(id),
    received,
    serving: async () => isServing || serve(policy, undefined, { data: gate.data }),
  };
}

/** Webhooks' messages, without the look at the receiver that goes before. */
function sent(received: readonly Received[]): readonly Received[] {
  return received.filter(({ method }) => method === "POST");
}

async function stopped({ pid, exited }: Served): Promise<void> {
  process.kill(pid, "SIGTERM");
  expect(await exited).toBe(0);
}

describe.each([
  ["with a server", true],
  ["without a server", false],
] as const)("%s", { timeout: 60_000 }, (_, isServing) => {
  test("webhooks are listed with whose they are, and shown, never their secret", async () => {
    const { run, json, quiet, webhook } = await openWith(isServing);
    const { items } = await json<List>("webhooks", "list", "--account", "Acme");
    expect(items).toMatchObject([{ id: webhook, enabled: true, account_id: expect.stringMatching(/^acc_/) }]);
    expect(await json("webhooks", "show", webhook)).toEqual(items[0]);
    expect(items[0]).not.toHaveProperty("secret");
    expect(await quiet("webhooks", "list")).toEqual([webhook]);
    expect((await run("webhooks", "list")).stdout).toMatch(
      new RegExp(`^webhook +account +url +told of +state +since\n${webhook} .* event.created +enabled +2`),
    );
    const unknown = await run("webhooks", "list", "--account", "Nobody");
    expect(unknown.stderr).toMatch(/^headgate: HG_ACCOUNT_UNKNOWN /);
    expect(unknown.exitCode).toBe(1);
  });

  test("a webhook is disabled and enabled, and the audit knows", async () => {
    const { run, json, quiet, webhook } = await openWith(isServing);
    expect(await json("webhooks", "disable", webhook)).toMatchObject({ enabled: false, disabled_reason: "operator" });
    expect((await run("webhooks", "show", webhook)).stdout).toMatch(/^state +disabled: operator$/m);
    expect(await quiet("webhooks", "enable", webhook)).toEqual([webhook]);
    const { items } = await json<List>("audit", "--subject", webhook);
    const actor = isServing ? "admin" : "command";
    expect(items).toMatchObject([
      { actor, action: "webhook.enabled" },
      { actor, action: "webhook.disabled" },
    ]);
  });

  test("deliveries are listed, all, or those in one state", async () => {
    const { run, json, quiet, webhook } = await openWith(isServing);
    await vi.waitFor(
      async () => expect(await quiet("webhooks", "deliveries", webhook, "--state", "delivered")).toHaveLength(2),
      20_000,
    );
    const { items } = await json<List>("webhooks", "deliveries", webhook, "--limit", "1");
    expect(items).toMatchObject([{ type: "event.created", state: "delivered", attempts: 1 }]);
    expect((await run("webhooks", "deliveries", webhook, "--state", "failed")).stdout).toBe("No deliveries.\n");
  });

  test("a time's events are sent again: at once, or when there is a server", async () => {
    const { run, json, received, serving, webhook } = await openWith(isServing);
    const replay = await run("webhooks", "replay", webhook, "--from", "2020-01-01T00:00:00Z");
    expect(replay.stdout).toBe("2 events are sent again.\n");
    const none = ["--from", "2020-01-01T00:00:00Z", "--to", "2020-01-02T00:00:00Z"];
    expect(await json("webhooks", "replay", webhook, ...none)).toEqual({ events: 0 });
    if (!isServing) expect(sent(received)).toHaveLength(2);
    await serving();
    await vi.waitFor(() => expect(sent(received)).toHaveLength(4), 10_000);
  });
});
