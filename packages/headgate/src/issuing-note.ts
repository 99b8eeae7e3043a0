import type { Control } from "@headgate/control";
import type { Issuing } from "@headgate/policy";

const NAME = "issuing";

/** Notes how the policy being served has credentials begin, for when they are made while no server runs. */
export async function noteIssuing({ storage }: Control, issuing: Issuing): Promise<void> {
  const value = JSON.stringify(issuing);
  const { sql, parameters } = storage.build
    .insertInto("settings")
    .values({ name: NAME, value })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
    .compile();
  await storage.write([{ sql, parameters: parameters as string[] }]);
}

/** What the last server on these records noted; undefined where there was none. */
export async function notedIssuing({ storage }: Control): Promise<Issuing | undefined> {
  const query = storage.build.selectFrom("settings").select("value").where("name", "=", NAME).compile();
  const [row] = await storage.read(query);
  return row && (JSON.parse(row.value) as Issuing);
}
