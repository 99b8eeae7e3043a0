import type * as z from "zod";
import { textFormat } from "./text-format.ts";

const UNITS_BYTES: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };
const SIZE = /^(\d{1,6})(B|KB|MB|GB)$/;

/** Reads `512B`, `200KB`, `1MB`, `2GB`: bytes, 1024 to the next unit; or undefined if it is none of them. */
export function parseSize(text: string): number | undefined {
  const [, count, unit] = SIZE.exec(text) ?? [];
  return count === undefined || unit === undefined ? undefined : Number(count) * (UNITS_BYTES[unit] as number);
}

export const sizeSchema: z.ZodType<string> = textFormat({
  code: "HG_POLICY_SIZE",
  description: "A size: 512B, 200KB, 1MB or 2GB. 1KB is 1024 bytes.",
  hint: "a whole number and its unit: 512B, 200KB, 1MB or 2GB",
  pattern: SIZE.source,
  fault: (text) => (parseSize(text) === undefined ? `"${text}" is not a size` : undefined),
});
