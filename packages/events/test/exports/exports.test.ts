import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_EVENTS_POLICY } from "@headgate/policy";
import { startPostgres } from "@headgate/storage/testing";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { CSV_HEADER, csvLines } from "../../src/exports/csv.ts";
import { Retention } from "../../src/log/retention.ts";
import { eventJson } from "../../src/query/event-json.ts";
import { eventAt, type OpenContext } from "../log/open-context.ts";
import { START } from "../rig.ts";
import { type ExportJson, type ExportsRig, openExportsRig } from "./exports-rig.ts";
import { type SlowStorage, slowStorage } from "./slow-storage.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const EVENTUALLY = { timeout: 15_000, interval: 5 };

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

function rowsOf({ storage }: OpenContext, accountId: string) {
  const query = storage.build.selectFrom("events").selectAll().where("account_id", "=", accountId).orderBy("seq");
  return storage.read(query.compile());
}

function dataFolder(): string {
  const data = mkdtempSync(join(tmpdir(), "headgate-"));
  onTestFinished(() => rmSync(data, { recursive: true }));
  return data;
}

function filesOf({ folder }: OpenContext): string[] {
  return readdirSync(join(folder, "exports"));
}

/** Exports that come to a stop after so many pages of events, until they are let go on. */
async function openSlowly(pages: number, data: string): Promise<{ rig: ExportsRig; storage: SlowStorage }> {
  let storage: SlowStorage | undefined;
  const rig = await openExportsRig({ data }, (context) => {
    storage = slowStorage(context.storage, pages);
    return { ...context, storage };
  });
  return { rig, storage: storage as SlowStorage };
}

async function download(rig: ExportsRig, { download_url }: ExportJson): Promise<string> {
  const { status, text } = await rig.ask("GET", download_url ?? "");
  expect(status).toBe(200);
  return text;
}

describe("an export", () => {
  test("is accepted, made in the background, and downloaded without a credential", async () => {
    const rig = await openExportsRig();
    const caller = await rig.caller("a", 1_234);
    await rig.caller("b", 10);
    const accepted = await rig.ask("POST", "/v1/exports", caller, { format: "ndjson" });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.location).toBe(`/v1/exports/${accepted.json().id}`);
    expect(accepted.json()).toEqual({
      id: expect.stringMatching(/^exp_/),
      format: "ndjson",
      state: "queued",
      from: null,
      to: null,
      filter: { type: null, actor: null, target: null, text: null },
      progress: { events_seen: 0, of: 1_234, events: 0, bytes: 0 },
      error: null,
      created_at: "2030-01-01T00:00:00.000Z",
      completed_at: null,
      expires_at: null,
      download_url: null,
    });
    await rig.exports.settled();
    const made = await rig.ask("GET", String(accepted.headers.location), caller);
    expect(made.json()).toMatchObject({
      state: "completed",
      progress: { events_seen: 1_234, of: 1_234, events: 1_234 },
      completed_at: "2030-01-01T00:00:00.000Z",
      expires_at: "2030-01-08T00:00:00.000Z",
    });
    const file = await rig.ask("GET", String(made.json().download_url));
    expect(file.status).toBe(200);
    expect(file.headers).toMatchObject({
      "content-type": "application/x-ndjson",
      "content-disposition": `attachment; filename="${made.json().id}.ndjson"`,
    });
    const rows = await rowsOf(rig.context, caller.accountId);
    expect(file.text).toBe(rows.map((row) => `${eventJson(row)}\n`).join(""));
    expect(made.json().progress.bytes).toBe(Buffer.byteLength(file.text));
  });

  test("holds what the filter lets through, in either format", async () => {
    const rig = await openExportsRig();
    const caller = await rig.caller("a", 700);
    const rows = await rowsOf(rig.context, caller.accountId);
    const csv = await rig.exported(caller, { format: "csv" });
    expect(await download(rig, csv)).toBe(CSV_HEADER + csvLines(rows));
    expect((await rig.ask("GET", String(csv.download_url))).headers["content-type"]).toMatch(
      /^text\/csv; charset=utf-8/,
    );

    const filter = { type: "user.*", actor: "user_3", target: "order_3", text: 'order \\"3' };
    const found = rows.filter(
      ({ type, actor_id, target_id, metadata }) =>
        type === "user.login" && actor_id === "user_3" && target_id === "order_3" && metadata !== null,
    );
    expect(found.length).toBeGreaterThan(3);
    const { text: _text, ...plain } = filter;
    const some = await rig.exported(caller, { format: "ndjson", filter: plain });
    expect(await download(rig, some)).toBe(found.map((row) => `${eventJson(row)}\n`).join(""));
    expect(some.progress).toMatchObject({ events_seen: 700, of: 700, events: found.length });

    const none = { format: "csv", from: "2031-01-01T00:00:00Z", to: 1_924_992_000 };
    expect(await download(rig, await rig.exported(caller, none))).toBe(CSV_HEADER);
  });

  test("is a line for each event, also where metadata were sent on several", async () => {
    const rig = await openExportsRig();
    const caller = await rig.caller("a", 0);
    const texts = ['{"a":1}', '{\r\n "a": 1.0,\n\n "b": "\\n"\r}', null];
    await rig.context.events.append(
      caller.accountId,
      texts.map((metadata, i) => ({ ...eventAt(START, i), metadata })),
    );
    const lines = (await download(rig, await rig.exported(caller, { format: "ndjson" }))).trimEnd().split("\n");
    const events = lines.map((line) => JSON.parse(line));
    expect(events.map(({ metadata }) => metadata)).toEqual([{ a: 1 }, { a: 1, b: "\n" }, null]);
    expect(events.map(({ metadata_text }) => metadata_text)).toEqual([undefined, texts[1], undefined]);
  });

  test("of an account without events is an empty file", async () => {
    const rig = await openExportsRig();
    const caller = await rig.caller("a");
    expect(await download(rig, await rig.exported(caller, { format: "ndjson" }))).toBe("");
  });

  test("tells the account's webhooks when it is completed, in the same transaction", async () => {
    const rig = await openExportsRig();
    const caller = await rig.caller("a", 3);
    const made = await rig.exported(caller, { format: "csv" });
    expect(rig.messages).toEqual([
      { accountId: caller.accountId, type: "export.completed", data: expect.objectContaining({ id: made.id }) },
    ]);
    expect(rig.messages[0]?.data).toEqual(made);
    const { storage } = rig.context;
    const query = storage.build.selectFrom("webhook_messages").select("account_id").compile();
    expect(await storage.read(query)).toEqual([{ account_id: caller.accountId }]);
  });

  test("shows how far it has come while it is under way, and nothing of what comes after it was asked for", async () => {
    const { rig, storage } = await openSlowly(23, dataFolder());
    const caller = await rig.caller("a", 16_000);
    const { id } = (await rig.ask("POST", "/v1/exports", caller, { format: "ndjson" })).json();
    await rig.context.events.append(caller.accountId, [eventAt(START)]);
    const shown = async () => (await rig.ask("GET", `/v1/exports/${id}`, caller)).json();
    await expect.poll(async () => (await shown()).progress.events_seen, EVENTUALLY).toBe(10_000);
    expect(await shown()).toMatchObject({
      state: "running",
      progress: { of: 16_000, events: 10_000 },
      download_url: null,
    });
    storage.release();
    await rig.exports.settled();
    expect(await shown()).toMatchObject({ state: "completed", progress: { events_seen: 16_000 } });
  });

  test.each(["ndjson", "csv"])(
    "in %s that a restart breaks off is gone on with, and is the same to the byte",
    async (format) => {
      const data = dataFolder();
      const first = await openSlowly(23, data);
      const caller = await first.rig.caller("a", 16_000);
      const { id } = (await first.rig.ask("POST", "/v1/exports", caller, { format })).json();
      const shown = async () => (await first.rig.ask("GET", `/v1/exports/${id}`, caller)).json();
      await expect.poll(async () => (await shown()).progress.events_seen, EVENTUALLY).toBe(10_000);
      const closing = first.rig.close();
      first.storage.release();
      await closing;

      const rig = await openExportsRig({ data });
      await rig.exports.settled();
      const made = (await rig.ask("GET", `/v1/exports/${id}`, caller)).json();
      expect(made).toMatchObject({ state: "completed", progress: { events_seen: 16_000, events: 16_000 } });
      const undisturbed = await rig.exported(caller, { format });
      expect(await download(rig, made)).toBe(await download(rig, undisturbed));
    },
  );

  test("whose file lacks what was taken note of, or has more, is mended", async () => {
    const data = dataFolder();
    for (const spoil of [
      (file: string) => truncateSync(file, 100),
      (file: string) => writeFileSync(file, "half a li", { flag: "a" }),
      (file: string) => rmSync(file),
    ]) {
      const first = await openSlowly(13, data);
      const caller = await first.rig.caller(String(spoil), 8_000);
      const { id } = (await first.rig.ask("POST", "/v1/exports", caller, { format: "csv" })).json();
      const shown = async () => (await first.rig.ask("GET", `/v1/exports/${id}`, caller)).json();
      await expect.poll(async () => (await shown()).progress.events_seen, EVENTUALLY).toBe(5_000);
      const closing = first.rig.close();
      first.storage.release();
      await closing;
      spoil(join(data, "events", "exports", `${id}.csv`));

      const rig = await openExportsRig({ data });
      await rig.exports.settled();
      const made = (await rig.ask("GET", `/v1/exports/${id}`, caller)).json();
      const rows = await rowsOf(rig.context, caller.accountId);
      expect(await download(rig, made)).toBe(CSV_HEADER + csvLines(rows));
      await rig.close();
    }
  });

  test("is another account's affair to no one, and five under way are enough", async () => {
    const { rig, storage } = await openSlowly(0, dataFolder());
    const [caller, other] = [await rig.caller("a", 10), await rig.caller("b", 10)];
    const ask = (as: typeof caller) => rig.ask("POST", "/v1/exports", as, { format: "csv" });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7].map(() => ask(caller)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 202, 202, 202, 202, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.json()).toMatchObject({ code: "HG_EXPORT_BUSY" });
    expect((await ask(other)).status).toBe(202);
    const [{ id }] = (await rig.ask("GET", "/v1/exports", caller)).json<{ items: [ExportJson] }>().items;
    for (const method of ["GET", "DELETE"]) {
      const answer = await rig.ask(method, `/v1/exports/${id}`, other);
      expect(answer.status).toBe(404);
      expect(answer.json()).toMatchObject({ code: "HG_EXPORT_UNKNOWN" });
    }
    storage.release();
    await rig.exports.settled();
    expect((await ask(caller)).status).toBe(202);
  });

  test("is listed the newest first, in pages", async () => {
    const rig = await openExportsRig();
    const [caller, other] = [await rig.caller("a", 1), await rig.caller("b", 1)];
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await rig.exported(caller, { format: "csv" })).id);
    await rig.exported(other, { format: "csv" });
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query = `limit=2${cursor && `&cursor=${cursor}`}`;
      const page: { items: ExportJson[]; next_cursor: string | null } = (
        await rig.ask("GET", `/v1/exports?${query}`, caller)
      ).json();
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(ids);
    const first = (await rig.ask("GET", "/v1/exports?limit=2", caller)).json<{ next_cursor: string }>();
    const answer = await rig.ask("GET", `/v1/exports?cursor=${first.next_cursor}`, other);
    expect(answer.json()).toMatchObject({ code: "HG_EVENTS_CURSOR" });
  });

  test("asked for in a way that cannot be is refused", async () => {
    const rig = await openExportsRig();
    const caller = await rig.caller("a");
    for (const [body, pointer] of [
      [{}, "#/format"],
      [{ format: "xlsx" }, "#/format"],
      [{ format: "csv", from: "yesterday" }, "#/from"],
      [{ format: "csv", to: "2030-02-30T00:00:00Z" }, "#/to"],
      [{ format: "csv", filter: { type: "" } }, "#/filter/type"],
      [{ format: "csv", filter: { colour: "red" } }, "#/filter/colour"],
      [{ format: "csv", path: "/etc" }, "#/path"],
    ]) {
      const answer = await rig.ask("POST", "/v1/exports", caller, body);
      expect(answer.status).toBe(422);
      expect(answer.json()).toMatchObject({ code: "HG_EVENTS_BODY", errors: [expect.objectContaining({ pointer })] });
    }
    expect((await rig.ask("GET", "/v1/exports", caller)).json()).toMatchObject({ items: [] });
  });

  test("that is deleted is gone with its file, even while it is under way", async () => {
    const { rig, storage } = await openSlowly(13, dataFolder());
    const caller = await rig.caller("a", 16_000);
    const { id } = (await rig.ask("POST", "/v1/exports", caller, { format: "csv" })).json();
    const shown = async () => (await rig.ask("GET", `/v1/exports/${id}`, caller)).json();
    await expect.poll(async () => (await shown()).progress.events_seen, EVENTUALLY).toBe(5_000);
    expect((await rig.ask("DELETE", `/v1/exports/${id}`, caller)).status).toBe(204);
    storage.release();
    await rig.exports.settled();
    expect((await rig.ask("GET", `/v1/exports/${id}`, caller)).status).toBe(404);
    expect(filesOf(rig.context)).toEqual([]);

    const made = await rig.exported(caller, { format: "csv" });
    expect(filesOf(rig.context)).toEqual([`${made.id}.csv`]);
    expect((await rig.ask("DELETE", `/v1/exports/${made.id}`, caller)).status).toBe(204);
    expect(filesOf(rig.context)).toEqual([]);
    expect((await rig.ask("GET", String(made.download_url))).status).toBe(404);
  });

  test("that cannot be written fails, and says so", async () => {
    const rig = await openExportsRig();
    const caller = await rig.caller("a", 3);
    writeFileSync(join(rig.context.folder, "exports"), "no folder");
    const failed = await rig.exported(caller, { format: "csv" });
    expect(failed).toMatchObject({ state: "failed", error: expect.stringContaining("could not"), download_url: null });
    expect(rig.context.lines).toContainEqual(expect.objectContaining({ event: "export-failed", export: failed.id }));
    expect(rig.messages).toEqual([]);
  });

  test("is removed after seven days, with its file", async () => {
    const rig = await openExportsRig();
    const caller = await rig.caller("a", 3);
    const made = await rig.exported(caller, { format: "csv" });
    writeFileSync(join(rig.context.folder, "exports", "exp_left.csv"), "of an export that another instance removed");
    rig.context.time.now += 7 * DAY_MS - 1;
    rig.context.tick();
    await rig.exports.settled();
    expect(filesOf(rig.context)).toEqual([`${made.id}.csv`]);
    const { download_url } = (await rig.ask("GET", `/v1/exports/${made.id}`, caller)).json();
    rig.context.time.now += 1;
    expect((await rig.ask("GET", `/v1/exports/${made.id}`, caller)).status).toBe(404);
    expect((await rig.ask("GET", String(download_url))).status).toBe(403);
    rig.context.tick();
    await rig.exports.settled();
    expect(filesOf(rig.context)).toEqual([]);
    const { storage } = rig.context;
    expect(await storage.read(storage.build.selectFrom("exports").selectAll().compile())).toEqual([]);
  });
});

describe("a download link", () => {
  test("is good for an hour, and each answer has a new one", async () => {
    const rig = await openExportsRig();
    const caller = await rig.caller("a", 3);
    const made = await rig.exported(caller, { format: "csv" });
    rig.context.time.now += HOUR_MS - 1;
    expect((await rig.ask("GET", String(made.download_url))).status).toBe(200);
    rig.context.time.now += 1;
    const late = await rig.ask("GET", String(made.download_url));
    expect([late.status, late.json()]).toMatchObject([403, { code: "HG_EXPORT_LINK" }]);
    const again = (await rig.ask("GET", `/v1/exports/${made.id}`, caller)).json();
    expect(await download(rig, again)).toMatch(/^id,seq/);
  });

  test("that was changed in any way is refused", async () => {
    const rig = await openExportsRig();
    const caller = await rig.caller("a", 3);
    const [made, other] = [
      await rig.exported(caller, { format: "csv" }),
      await rig.exported(caller, { format: "csv" }),
    ];
    const url = new URL(String(made.download_url), "http://api.test");
    const signature = url.searchParams.get("signature") ?? "";
    const expires = Number(url.searchParams.get("expires"));
    const path = `/v1/exports/${made.id}/download`;
    for (const changed of [
      path,
      `${path}?expires=${expires + 1}&signature=${signature}`,
      `${path}?expires=${expires}&signature=${signature.slice(0, -1)}`,
      `${path}?expires=${expires}&signature=${signature}A`,
      `${path}?expires=${expires}&signature=${signature.replace(/^./, (first) => (first === "A" ? "B" : "A"))}`,
      `${path}?expires=${expires}&signature=`,
      `/v1/exports/${other.id}/download${url.search}`,
    ]) {
      const answer = await rig.ask("GET", changed);
      expect([answer.status, answer.json()], changed).toMatchObject([403, { code: "HG_EXPORT_LINK" }]);
    }
  });

  test("is absolute where the policy says how callers reach the API", async () => {
    const rig = await openExportsRig();
    const publicUrl = new URL("https://api.example.test/events/");
    rig.context.policy = () => ({ ...DEFAULT_EVENTS_POLICY, publicUrl });
    const made = await rig.exported(await rig.caller("a", 3), { format: "csv" });
    expect(made.download_url).toMatch(
      new RegExp(
        `^https://api\\.example\\.test/events/v1/exports/${made.id}/download\\?expires=\\d+&signature=[\\w-]{22}$`,
      ),
    );
  });

  test("gives the same bytes where the file is lost, as long as all events are there", async () => {
    const rig = await openExportsRig();
    const caller = await rig.caller("a", 1_300);
    const made = await rig.exported(caller, { format: "csv" });
    const text = await download(rig, made);
    rmSync(join(rig.context.folder, "exports", `${made.id}.csv`));
    expect(await download(rig, made)).toBe(text);

    const retention = { defaultMs: HOUR_MS / 2, plans: new Map() };
    rig.context.policy = () => ({ ...DEFAULT_EVENTS_POLICY, retention });
    rig.context.time.now = START + HOUR_MS / 2 + 1;
    const removal = new Retention(rig.context);
    removal.wake();
    await removal.settled();
    const gone = await rig.ask("GET", String(made.download_url));
    expect([gone.status, gone.json()]).toMatchObject([410, { code: "HG_EXPORT_GONE" }]);
  });
});

describe.skipIf(postgres === undefined)("exports of instances that share a PostgreSQL", () => {
  test("are each made once, and downloaded from any; another instance takes over from one that died", async () => {
    const databaseUrl = await postgres?.createDatabase();
    const [one, other] = [
      await openExportsRig({ databaseUrl, instance: "one" }),
      await openExportsRig({ databaseUrl, instance: "other" }),
    ];
    const caller = await one.caller("a", 6_000);
    const ids = await Promise.all(
      [one, other, one, other].map(
        async (rig) => (await rig.ask("POST", "/v1/exports", caller, { format: "ndjson" })).json().id,
      ),
    );
    await Promise.all([one.exports.settled(), other.exports.settled()]);
    expect(one.messages.length + other.messages.length).toBe(4);
    const texts = new Set<string>();
    for (const id of ids) {
      for (const rig of [one, other]) {
        texts.add(await download(rig, (await rig.ask("GET", `/v1/exports/${id}`, caller)).json()));
      }
    }
    expect(texts.size).toBe(1);

    await one.exports.close();
    const { id } = (await one.ask("POST", "/v1/exports", caller, { format: "ndjson" })).json();
    const { storage } = one.context;
    const dead = storage.build
      .updateTable("exports")
      .set({
        state: "running",
        lease_owner: "dead",
        lease_until: START + 60_000,
        at_seq: 5_000,
        events: 5_000,
        bytes: 9,
      })
      .where("id", "=", id)
      .compile();
    await storage.write([{ sql: dead.sql, parameters: dead.parameters as (string | number)[] }]);
    const shown = async () => (await other.ask("GET", `/v1/exports/${id}`, caller)).json();
    other.context.tick();
    await other.exports.settled();
    expect(await shown()).toMatchObject({ state: "running", progress: { events: 5_000 } });
    other.context.time.now += 60_000;
    other.context.tick();
    await other.exports.settled();
    expect(await shown()).toMatchObject({ state: "completed", progress: { events: 6_000 } });
    texts.add(await download(other, await shown()));
    expect(texts.size).toBe(1);
  });
});
