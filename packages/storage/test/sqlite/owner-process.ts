import { openStorage } from "../../src/index.ts";

// A process of its own that has a data folder: opens it, says so, and writes pairs of settings for as long as it lives.
const [folder = "", inFlight = "0"] = process.argv.slice(2);

const storage = await openStorage({ folder }).catch((error) => {
  console.log(error.code);
  process.exit(1);
});
console.log("open");
setInterval(() => {}, 60_000);

for (let lane = 0; lane < Number(inFlight); lane++) void writePairs();

async function writePairs(): Promise<never> {
  for (;;) {
    const id = crypto.randomUUID();
    const { unmet } = await storage.write([
      { sql: "insert into settings values (?, '')", parameters: [`first ${id}`] },
      { sql: "insert into settings values (?, '')", parameters: [`second ${id}`] },
    ]);
    if (unmet === undefined) console.log(id);
  }
}
