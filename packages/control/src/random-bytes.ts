import { randomFillSync } from "node:crypto";

/** The system takes about as long for these as for one secret's. */
const pool = Buffer.allocUnsafeSlow(8_192);
let taken = pool.length;

/** Calls `use` with `count` random bytes of the system's, which are wiped when it returns. */
export function withRandomBytes<Result>(count: number, use: (bytes: Buffer) => Result): Result {
  if (taken + count > pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  const bytes = pool.subarray(taken, taken + count);
  taken += count;
  try {
    return use(bytes);
  } finally {
    bytes.fill(0);
  }
}
