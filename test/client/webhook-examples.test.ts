import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { startProgram } from "../program.ts";
import { bearer, issueKey } from "../systems/admin.ts";
import { serveAt } from "../systems/harness.ts";

const folder = new URL("../../examples/webhooks/", import.meta.url);
const SOON = { timeout: 20_000 };

describe("the receivers of webhooks in the examples", () => {
  test.for(["node.mjs", "express.mjs"])("take what Headgate sends, and nothing else: %s", async (file) => {
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    const environment = { WEBHOOK_SECRET: secret, PORT: "0" };
    const receiver = startProgram(process.execPath, [file], { environment, cwd: folder });
    await expect.poll(receiver.output, SOON).toMatch(/listening/);
    const [url = ""] = receiver.output().match(/http:\/\/[\d.:]+/) ?? [];

    const gate = await serveAt(Date.now(), "default", undefined, (text) =>
      text.replace("upstream: builtin:events", "$&\nevents: { webhooks: { networks: [127.0.0.0/8] } }"),
    );
    const headers = { ...bearer(await issueKey(gate)), "content-type": "application/json" };
    const post = (path: string, body: object): Promise<Response> =>
      fetch(gate.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    expect((await post("/v1/webhooks", { url, secret, events: ["event.created"] })).status).toBe(201);
    await post("/v1/events", { type: "user.login", actor: { id: "user_123" } });
    await expect.poll(receiver.output, SOON).toMatch(/event\.created.*user\.login.*user_123/s);

    const forged = { "webhook-id": "msg_1", "webhook-timestamp": `${Math.floor(Date.now() / 1000)}` };
    for (const signature of ["v1,", `v1,${randomBytes(32).toString("base64")}`]) {
      const answer = await fetch(url, {
        method: "POST",
        headers: { ...forged, "webhook-signature": signature, "content-type": "application/json" },
        body: "{}",
      });
      expect(answer.status).toBe(400);
    }
    const large = await fetch(url, {
      method: "POST",
      headers: { ...forged, "webhook-signature": "v1,", "content-type": "application/json" },
      body: "x".repeat(2 ** 20 + 1),
    });
    expect(large.status).toBe(413);
    expect(receiver.output().match(/event\.created/g)).toHaveLength(1);
  });
});
