const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** So many digits at a time stay below 2^53. */
const CHUNK_DIGITS = 8;
const CHUNK = BigInt(62 ** CHUNK_DIGITS);

/** What a character code is worth; above 61 where it is no digit. */
const WORTH = new Uint8Array(128).fill(255);
for (let digit = 0; digit < DIGITS.length; digit++) WORTH[DIGITS.charCodeAt(digit)] = digit;

/** The bytes as one number in base 62, padded with zeros to `width` digits. */
export function bytesToBase62(bytes: Buffer, width: number): string {
  let rest = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  while (rest > 0n) {
    text = numberToBase62(Number(rest % CHUNK), CHUNK_DIGITS) + text;
    rest /= CHUNK;
  }
  // The first chunk may be longer than what is left to say: then it begins with zeros.
  return text.length > width ? text.slice(text.length - width) : text.padStart(width, "0");
}

/** A whole number below 2^53 in base 62, padded with zeros to `width` digits. */
export function numberToBase62(number: number, width: number): string {
  let text = "";
  for (let rest = number; text.length < width; rest = Math.floor(rest / 62)) text = DIGITS.charAt(rest % 62) + text;
  return text;
}

/** The number that the characters from `start` on say, or NaN. */
export function numberFromBase62(text: string, start: number): number {
  let number = 0;
  for (let i = start; i < text.length; i++) {
    const worth = WORTH[text.charCodeAt(i)] ?? 255;
    number = worth < 62 ? number * 62 + worth : Number.NaN;
  }
  return number;
}
