// Receives webhooks in Express: WEBHOOK_SECRET=whsec_… node express.mjs
import { verifyWebhook } from "@headgate/client/webhooks";
import express from "express";

const { WEBHOOK_SECRET, PORT = "3000" } = process.env;
const seen = new Set(); // In earnest this is a table that keeps the ids of the last days.
const app = express();

// The bytes as they came are what is signed: express.json() would leave nothing of them.
app.post("/", express.raw({ type: "application/json", limit: "1mb" }), async (request, response) => {
  const { id, payload } = await verifyWebhook(request, WEBHOOK_SECRET);
  if (!seen.has(id)) console.log(payload.type, payload.data);
  seen.add(id);
  response.sendStatus(204);
});

app.use((error, _request, response, _next) => {
  console.error(error.code, error.message);
  response.sendStatus(error.status ?? 500);
});

const server = app.listen(Number(PORT), () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
