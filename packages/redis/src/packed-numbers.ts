const ARRAY_32 = 0xdd;
const FLOAT_64 = 0xcb;
const HEADER_BYTES = 5;
const NUMBER_BYTES = 9;

/** Writes numbers as MessagePack, which Lua reads with one call of C: an array of 64-bit floats. */
export function packNumbers(numbers: readonly number[]): Buffer {
  const packed = Buffer.allocUnsafe(HEADER_BYTES + numbers.length * NUMBER_BYTES);
  packed[0] = ARRAY_32;
  packed.writeUInt32BE(numbers.length, 1);
  let at = HEADER_BYTES;
  for (const number of numbers) {
    packed[at] = FLOAT_64;
    packed.writeDoubleBE(number, at + 1);
    at += NUMBER_BYTES;
  }
  return packed;
}
