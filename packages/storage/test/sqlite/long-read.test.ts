import { sql } from "kysely";
import { expect, test } from "vitest";
import { openStorage } from "../../src/index.ts";
import { emptyFolder } from "../empty-folder.ts";

test("a read that takes long holds up no write", async () => {
  const storage = await openStorage({ folder: emptyFolder() });
  const order: string[] = [];
  const counting = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000000) select max(i) from n`;
  const reading = storage.read(counting.compile(storage.build)).then(() => order.push("read"));
  for (const name of ["a", "b"]) {
    await storage.write([{ sql: "insert into settings values (?, '')", parameters: [name] }]);
    order.push(`wrote ${name}`);
  }
  await reading;
  await storage.close();
  expect(order).toEqual(["wrote a", "wrote b", "read"]);
});
