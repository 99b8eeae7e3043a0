import { outlineOf } from "../packages/events/src/json/outline.ts";
import { type Candidate, interleave } from "./measure.ts";

/** What it costs to read how a batch is written, beside reading what it says: in ns a character. */
const EVENTS = 100;
const READS = 200;
const ROUNDS = 9;

const batch = JSON.stringify({
  events: Array.from({ length: EVENTS }, (_, index) => ({
    type: "order.paid",
    actor: { id: `user_${index}`, name: "Ada Lovelace" },
    target: { id: `order_${index * 7919}`, type: "order" },
    time: "2031-01-01T00:00:00.250Z",
    metadata: { total: 12.5, currency: "EUR", note: 'said "thanks", and left', items: [1, 2, 3], gift: false },
  })),
});

const outline: Candidate = {
  name: "outlineOf",
  run(count) {
    let read = 0;
    for (let i = 0; i < count; i++) read += outlineOf(batch, 2, "metadata").items.length;
    return read;
  },
};
const parse: Candidate = {
  name: "JSON.parse",
  run(count) {
    let read = 0;
    for (let i = 0; i < count; i++) read += JSON.parse(batch).events.length;
    return read;
  },
};

console.log(`a batch of ${EVENTS} events, ${batch.length} characters`);
for (const { name, median, low, high } of await interleave([parse, outline], READS, ROUNDS)) {
  const [each, least, most] = [median, low, high].map((ns) => (ns / batch.length).toFixed(2));
  console.log(`${name.padEnd(12)} ${each} ns a character (${least} to ${most})`);
}
