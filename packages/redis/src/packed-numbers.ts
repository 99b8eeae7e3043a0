const NUMBER_BYTES = 8;

/** Writes numbers as scripts read them: 64-bit floats. */
export function packNumbers(numbers: readonly number[]): Buffer {
  const packed = Buffer.allocUnsafe(numbers.length * NUMBER_BYTES);
  const view = new DataView(packed.buffer, packed.byteOffset);
  for (let i = 0; i < numbers.length; i++) view.setFloat64(i * NUMBER_BYTES, numbers[i] as number, true);
  return packed;
}
