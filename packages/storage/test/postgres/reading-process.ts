import { once } from "node:events";
import { openStorage } from "../../src/index.ts";

// A process of its own that reads, says so, and closes when it is told to. Nothing else is left for it to do then.
const [databaseUrl = ""] = process.argv.slice(2);

const storage = await openStorage({ folder: "/nowhere", databaseUrl });
await storage.read(storage.build.selectFrom("settings").selectAll().compile());
process.send?.("read");
await once(process, "message");
process.disconnect?.();
await storage.close();
