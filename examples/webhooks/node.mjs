// Receives webhooks with Node alone: WEBHOOK_SECRET=whsec_… node node.mjs
import { createServer } from "node:http";
import { verifyWebhook } from "@headgate/client/webhooks";

const { WEBHOOK_SECRET, PORT = "3000" } = process.env;
const seen = new Set(); // In earnest this is a table that keeps the ids of the last days.

const server = createServer(async (request, response) => {
  try {
    const { headers } = request;
    const { id, payload } = await verifyWebhook({ headers, body: request }, WEBHOOK_SECRET);
    if (!seen.has(id)) console.log(payload.type, payload.data);
    seen.add(id);
    response.writeHead(204).end();
  } catch (error) {
    console.error(error.code, error.message);
    response.writeHead(error.status ?? 500, { Connection: "close" }).end();
  }
});
server.listen(Number(PORT), () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
