import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { eventsTypes, type OpenApi } from "../../packages/client/scripts/events-types.ts";
import { serveAt } from "../systems/harness.ts";

test("the client's types are those that the events API describes: packages/client/scripts/write-events-types.ts", async () => {
  const { url } = await serveAt(Date.now(), "default");
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
  const file = new URL("../../packages/client/src/events/events-api.ts", import.meta.url);
  expect(await readFile(file, "utf8")).toBe(eventsTypes(document));
});
