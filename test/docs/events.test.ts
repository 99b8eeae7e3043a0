import { hash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MOST_UNDER_WAY } from "../../packages/events/src/exports/export-table.ts";
import { KEPT_MS } from "../../packages/events/src/exports/exporter.ts";
import { KEY_LIFETIME_MS } from "../../packages/events/src/ingest/event-keys.ts";
import { MAX_DEPTH, MAX_FIELDS } from "../../packages/events/src/json/outline.ts";
import { nextAttemptAt } from "../../packages/events/src/webhooks/schedule.ts";
import { MESSAGE_TYPES } from "../../packages/events/src/webhooks/webhook.ts";
import { MOST_WEBHOOKS } from "../../packages/events/src/webhooks/webhook-rows.ts";
import { canRun, PYTHON, startProgram } from "../program.ts";
import { bearer, issueKey } from "../systems/admin.ts";
import { serveAt } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { Page } from "./page.ts";

const page = new Page("docs/reference/events.md");
const root = new URL("../../", import.meta.url);
const hasPython = canRun(PYTHON, ["--version"], `events.md's Python is skipped: install python3, for ${PYTHON}`);
const SLOWLY = { timeout: 60_000 };
const SOON = { timeout: 20_000 };

/** The page's only block of code in that language that holds these words. */
function code(language: string, words: string): string {
  const [found, ...others] = page.fences.filter((fence) => fence.language === language && fence.text.includes(words));
  if (!found || others.length > 0) throw new Error(`not one block of ${language} holds "${words}"`);
  return found.text;
}

/** Asks the events API of a gate whose webhooks may reach this machine. */
async function openApi(): Promise<(path: string, body?: string | object) => Promise<Response>> {
  const gate = await serveAt(Date.now(), "default", undefined, (text) =>
    text.replace("upstream: builtin:events", "$&\nevents: { webhooks: { networks: [127.0.0.0/8] } }"),
  );
  const headers = { ...bearer(await issueKey(gate)), "content-type": "application/json" };
  return (path, body) =>
    fetch(gate.url + path, {
      headers,
      ...(body && { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
}

describe("events.md", () => {
  test("lists the routes that the events API describes, and no others", async () => {
    const ask = await openApi();
    const { paths } = (await (await ask("/openapi.json")).json()) as { paths: Record<string, object> };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const listed = page.tableUnder("Asking").map(([route]) => route);
    expect(listed.toSorted()).toEqual(described.toSorted());
  });

  test("lists what webhooks can be told of", () => {
    expect(page.tableUnder("Webhooks").map(([type]) => type)).toEqual([...MESSAGE_TYPES]);
  });

  test("says when a message is tried again", () => {
    const rows = [];
    let at = 0;
    for (let failures = 1; ; failures++) {
      const next = nextAttemptAt(failures, at, undefined, () => 0);
      if (next === undefined) break;
      rows.push([String(failures + 1), inWords(next - at), inWords(next)]);
      at = next;
    }
    // Among minutes and hours, the first five seconds do not count.
    expect(page.tableUnder("Attempts")).toEqual(rows.map((row) => row.map((cell) => cell.replace(/ 5 s$/, ""))));
  });

  test("tells limits and sizes as they are", () => {
    const sizes = Object.fromEntries(page.tableUnder("Limits and sizes"));
    expect(sizes).toMatchObject({
      "an event's fields, in all its objects": String(MAX_FIELDS),
      "an event's levels": String(MAX_DEPTH),
      "keys under which something is kept once": `255 characters, ${KEY_LIFETIME_MS / 3_600_000} h`,
      "webhooks of an account": String(MOST_WEBHOOKS),
      "exports under way of an account": String(MOST_UNDER_WAY),
      "how long an export's file is kept": `${KEPT_MS / 86_400_000} d`,
    });
  });

  test("hashes its first event by hand", () => {
    const [, text = ""] = /^ {4}(0{64}:1:.*)$/m.exec(page.textUnder("The chain")) ?? [];
    expect(code("http", '"seq":1')).toContain(`"hash":"${hash("sha256", text, "hex")}"`);
  });

  test.skipIf(!hasPython)("verifies an export with its program, and finds what was changed", SLOWLY, async () => {
    const ask = await openApi();
    await ask("/v1/events", { type: "user.login", actor: { id: "ä", name: 'says ,"metadata":' }, time: 1.5 });
    await ask(
      "/v1/events",
      '{"type": "a.b", "target": {"id": "\\u2028", "type": "t"}, "metadata": { "n": 1.50e3,\r\n "b":"é"}}',
    );
    const { head } = (await (await ask("/v1/verify")).json()) as { head: string };
    const { id } = (await (await ask("/v1/exports", { format: "ndjson" })).json()) as { id: string };
    const urlOf = async (): Promise<string | null> => {
      const { download_url } = (await (await ask(`/v1/exports/${id}`)).json()) as { download_url: string | null };
      return download_url;
    };
    await expect.poll(urlOf, SOON).not.toBeNull();
    const text = await (await ask((await urlOf()) as string)).text();

    const file = join(await temporaryFolder(), "events.ndjson");
    const verify = (): ReturnType<typeof startProgram>["finished"] =>
      startProgram(PYTHON, ["-c", code("python", "hashlib"), file]).finished;
    await writeFile(file, text);
    expect(await verify()).toEqual({ exitCode: 0, stderr: "", stdout: `valid, and the head is ${head}\n` });
    await writeFile(file, text.replaceAll("1.50e3", "1.5e3"));
    expect(await verify()).toEqual({ exitCode: 1, stderr: "broken at 2\n", stdout: "" });
  });

  test.for([
    { language: "js", isThere: true, start: [process.execPath, "--input-type=module", "-e"] },
    { language: "python", isThere: hasPython, start: [PYTHON, "-c"] },
  ])(
    "takes webhooks with its receiver in $language, and no forged ones",
    SLOWLY,
    async ({ language, isThere, start }, { skip }) => {
      skip(!isThere, "Python is missing");
      const port = await freePort();
      const url = `http://127.0.0.1:${port}/`;
      const secret = `whsec_${randomBytes(32).toString("base64")}`;
      const source = code(language, "WEBHOOK_SECRET").replace("3000", String(port));
      const [command = "", ...options] = start;
      const receiver = startProgram(command, [...options, source], {
        environment: { WEBHOOK_SECRET: secret },
        cwd: root,
      });
      const isUp = (): Promise<boolean> =>
        fetch(url).then(
          () => true,
          () => false,
        );
      await expect.poll(isUp, SOON).toBe(true);

      const ask = await openApi();
      expect((await ask("/v1/webhooks", { url, events: ["event.created"], secret })).status).toBe(201);
      const { id } = (await (await ask("/v1/events", { type: "user.login" })).json()) as { id: string };
      await expect.poll(() => receiver.output(), SOON).toContain(id);
      const now = String(Math.floor(Date.now() / 1000));
      const headers = { "webhook-id": "msg_1", "webhook-timestamp": now, "webhook-signature": "v1,AAAA" };
      expect((await fetch(url, { method: "POST", headers, body: "{}" })).status).toBe(400);
    },
  );
});

/** A port that nobody listens on, for a program that wants to be told one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function inWords(ms: number): string {
  const [hours, minutes, seconds] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, (ms / 1_000) % 60];
  const parts = [hours && `${hours} h`, minutes && `${minutes} min`, seconds && `${seconds} s`];
  return parts.filter(Boolean).join(" ");
}
