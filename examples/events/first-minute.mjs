// Sends an event, sends two more with one request, and lists what there is.
const { HEADGATE_URL, HEADGATE_KEY } = process.env;

async function ask(path, body) {
  const response = await fetch(HEADGATE_URL + path, {
    method: body ? "POST" : "GET",
    headers: { Authorization: `Bearer ${HEADGATE_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

const event = await ask("/v1/events", { type: "user.login", actor: { id: "user_123" } });
console.log("kept", event.id);

const batch = await ask("/v1/events/batch", {
  events: [
    { type: "file.upload", actor: { id: "user_123" }, target: { id: "file_9" } },
    { type: "user.logout", actor: { id: "user_123" } },
  ],
});
console.log("accepted", batch.accepted, "rejected", batch.rejected);

const { items } = await ask("/v1/events?actor=user_123&limit=3");
for (const { time, type } of items) console.log(time, type);
