/**
 * `count` caller names of the length of an address, in an order without locality, the same in every run. They go through
 * a buffer, as names from the wire do: a string that was put together from parts is slower for everybody.
 */
export function callerKeys(count: number): string[] {
  const keys = Array.from({ length: count }, (_, i) =>
    Buffer.from(`10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`).toString("latin1"),
  );
  let seed = 0x2545f491;
  for (let i = count - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const j = seed % (i + 1);
    [keys[i], keys[j]] = [keys[j] as string, keys[i] as string];
  }
  return keys;
}
