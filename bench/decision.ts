import { callerKeys } from "./keys.ts";
import { interleave, type Measurement } from "./measure.ts";
import { peers } from "./peers.ts";

/** One decision in process: ns, median and range over the rounds, and how many times Headgate's. */
const ROUNDS = 7;
const populations = [
  { title: "hot key", callers: 1, decisions: 1_000_000 },
  { title: "10 000 keys", callers: 10_000, decisions: 1_000_000 },
  { title: "1 000 000 keys", callers: 1_000_000, decisions: 1_000_000 },
];

for (const { title, callers, decisions } of populations) {
  const measurements = await interleave(peers(callerKeys(callers)), decisions, ROUNDS);
  const own = measurements.find(({ name }) => name === "headgate") as Measurement;
  console.log(`\n${title}: ns a decision, median of ${ROUNDS} rounds, clock read included`);
  console.table(
    Object.fromEntries(
      measurements.map(({ name, median, low, high }) => [
        name,
        {
          median: Math.round(median),
          low: Math.round(low),
          high: Math.round(high),
          "x headgate": (median / own.median).toFixed(2),
        },
      ]),
    ),
  );
}
process.exit(0);
