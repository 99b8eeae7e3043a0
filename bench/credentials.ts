import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { Directory } from "@headgate/control";
import { interleave } from "./measure.ts";

/** What it takes to tell whose key a secret is, beside a bare look-up in a Map; and what a key takes in memory. */
const ROUNDS = 7;
const LOOKUPS = 500_000;
const NOW = Date.UTC(2030, 0, 1);
/** `hg_sk_`, 43 and 6. */
const SECRET_LENGTH = 55;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

for (const keys of [1_000, 1_000_000]) {
  const secrets = Array.from({ length: keys }, secretOf);
  const before = bytesInUse();
  const directory = new Directory();
  fill(directory, secrets);
  for (const secret of secrets) directory.identify(secret, NOW);
  const bytesPerKey = (bytesInUse() - before) / keys;
  const map = new Map(secrets.map((secret, i) => [secret, i]));
  const wire = Buffer.from(Array.from({ length: LOOKUPS }, () => oneOf(secrets)).join(""), "latin1");
  const measurements = await interleave(
    [
      { name: "identify", run: (count) => run(count, (secret) => (directory.identify(secret, NOW) ? 1 : 0)) },
      { name: "off the wire alone", run: (count) => run(count, (secret) => (secret.length > 0 ? 1 : 0)) },
      { name: "bare Map", run: (count) => run(count, (secret) => (map.has(secret) ? 1 : 0)) },
    ],
    LOOKUPS,
    ROUNDS,
  );
  console.log(`\n${keys} keys: ns a look-up, median of ${ROUNDS} rounds; ${Math.round(bytesPerKey)} bytes a key`);
  console.table(
    Object.fromEntries(
      measurements.map(({ name, median, low, high }) => [
        name,
        { median: Math.round(median), low: Math.round(low), high: Math.round(high) },
      ]),
    ),
  );

  /** Secrets come off the wire, as new strings: one that is looked up again would know its own hash. */
  function run(count: number, isKnown: (secret: string) => number): number {
    let known = 0;
    for (let i = 0; i < count; i++)
      known += isKnown(wire.toString("latin1", i * SECRET_LENGTH, (i + 1) * SECRET_LENGTH));
    if (known !== count) throw new Error("a key was not known");
    return known;
  }
}

function oneOf(secrets: readonly string[]): string {
  return secrets[Math.floor(Math.random() * secrets.length)] as string;
}

function fill(directory: Directory, secrets: readonly string[]): void {
  const stamp = { version: 1, created_at: NOW, updated_at: NOW };
  directory.put("account", "acc_bench", { id: "acc_bench", name: "b", name_key: "b", plan: null, ...stamp }, NOW);
  secrets.forEach((secret, i) => {
    const id = flat(`key_${String(i).padStart(26, "0")}`);
    const secretColumns = {
      start: "hg_sk_",
      secret_hash: hash("sha256", secret, "base64"),
      scopes: '["read","write"]',
    };
    const empty = { name: null, previous_hash: null, previous_until: null, expires_at: null, revoked_at: null };
    directory.put("key", id, { id, account_id: "acc_bench", ...secretColumns, ...empty, ...stamp }, NOW);
  });
}

function secretOf(): string {
  const body = `hg_sk_${Array.from(randomBytes(43), (byte) => DIGITS[byte % 62]).join("")}`;
  let checksum = "";
  for (let rest = crc32(body), i = 0; i < 6; i++, rest = Math.floor(rest / 62)) checksum = DIGITS[rest % 62] + checksum;
  return flat(body + checksum);
}

/** As a string that came out of a database: not the parts it was put together from. */
function flat(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function bytesInUse(): number {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
