/** A Cluster has so many slots. */
export const SLOTS = 16_384;

const POLYNOMIAL = 0x1021;

/** What CRC-16/XMODEM makes of each byte. */
const REMAINDERS = Uint16Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 8;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1) ^ (remainder & 0x8000 ? POLYNOMIAL : 0);
  return remainder;
});

/** The slot of a Cluster that a key is in: that of what is between its first braces, if anything is. */
export function slotOf(key: string): number {
  const open = key.indexOf("{");
  const close = open < 0 ? -1 : key.indexOf("}", open);
  const hashed = close > open + 1 ? key.slice(open + 1, close) : key;
  let remainder = 0;
  for (const byte of Buffer.from(hashed)) {
    remainder = ((remainder << 8) & 0xffff) ^ (REMAINDERS[(remainder >> 8) ^ byte] as number);
  }
  return remainder % SLOTS;
}
