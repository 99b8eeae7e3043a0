import { crc32 } from "node:zlib";

/** A line of the log. */
export type SpillRecord =
  | readonly ["item", id: number, key: string, text: string]
  /** These go together under this key; what they belonged to before counts no more. */
  | readonly ["sealed", idempotencyKey: string, ids: readonly number[]]
  /** These need not be kept any more. */
  | readonly ["done", ids: readonly number[]];

/** Writes a record as a line: its checksum (CRC-32, in hexadecimal), a blank, JSON. */
export function toLine(record: SpillRecord): string {
  const json = JSON.stringify(record);
  return `${checksum(json)} ${json}\n`;
}

/** Reads a line without its end; undefined where it is not as it was written. */
export function fromLine(line: string): SpillRecord | undefined {
  const json = line.slice(9);
  if (line !== `${checksum(json)} ${json}`) return undefined;
  return JSON.parse(json) as SpillRecord;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}
