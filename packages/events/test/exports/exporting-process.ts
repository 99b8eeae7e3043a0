import { join } from "node:path";
import { openControl } from "@headgate/control";
import { DEFAULT_EVENTS_POLICY } from "@headgate/policy";
import { openStorage } from "@headgate/storage";
import { openExports } from "../../src/exports/exports.ts";
import { idMaker } from "../../src/id.ts";
import { CommitSignal } from "../../src/log/commit-signal.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { Seal } from "../../src/seal.ts";

/** A process that works on the exports that it finds, until it is killed. It prints a line for each page that it reads. */
const [data = ""] = process.argv.slice(2);
const opened = await openStorage({ folder: data });
const storage: typeof opened = {
  dialect: opened.dialect,
  build: opened.build,
  health: opened.health,
  read: (query) => {
    if (query.sql.includes('from "events"')) process.stdout.write("page\n");
    return opened.read(query);
  },
  write: (statements) => opened.write(statements),
  onForeignCommit: (listener) => opened.onForeignCommit(listener),
  close: () => opened.close(),
};
const log = { info() {}, warn() {}, error() {} };
const every = () => () => {};
const commits = new CommitSignal();
const exports = openExports(
  {
    storage,
    control: await openControl({ storage, clock: Date.now, log, every }),
    clock: Date.now,
    log,
    every,
    newId: idMaker(),
    instance: String(process.pid),
    policy: () => DEFAULT_EVENTS_POLICY,
    folder: join(data, "events"),
    events: new EventLog(storage, commits),
    commits,
    seal: await Seal.open(storage),
  },
  { messageStatements: () => [] },
);
await exports.settled();
process.stdout.write("done\n");
await new Promise(() => {});
