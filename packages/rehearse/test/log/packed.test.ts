import { deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gunzipped } from "../../src/log/packed/gzip.ts";
import { PackedBytes } from "../../src/log/packed/packed-bytes.ts";
import { unzstd } from "../../src/log/packed/zstd.ts";
import { readAll } from "./reading.ts";

const LINES = 5000;
const line = (i: number): string => `{"time":${i},"method":"GET","path":"/${i}"}\n`;
const content = Array.from({ length: LINES }, (_, i) => line(i)).join("");
const half = content.length / 2;
const gzip = gzipSync(content);
const zstd = zstdCompressSync(content);
const zstdHalves = [zstdCompressSync(content.slice(0, half)), zstdCompressSync(content.slice(half))];

/** A frame that unpackers skip. */
function skippable(length: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a53);
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, Buffer.alloc(length, 1)]);
}

/** Gzip with all that its header may have. */
function adorned(text: string): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, 2 + 4 + 8 + 16, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9]);
  const trailer = gzipSync(text).subarray(-8);
  return Buffer.concat([header, Buffer.from("name\0comment\0\x01\x02", "latin1"), deflateRawSync(text), trailer]);
}

describe("a packed log", () => {
  test.each([
    ["gzip", gzip],
    ["gzip in parts", Buffer.concat([gzipSync(content.slice(0, half)), gzipSync(""), gzipSync(content.slice(half))])],
    ["gzip with a long header", adorned(content)],
    ["gzip and zeros, as of a tape", Buffer.concat([gzip, Buffer.alloc(512)])],
    ["zstd", zstd],
    ["zstd in parts", Buffer.concat(zstdHalves)],
    ["zstd of pzstd", Buffer.concat(zstdHalves.flatMap((frame) => [skippable(4), frame]))],
  ])("is unpacked to its end, whatever it is called: %s", async (_, packed) => {
    const { requests, report } = await readAll([packed]);
    expect(requests.map(({ target }) => target)).toEqual(Array.from({ length: LINES }, (_, i) => `/${i}`));
    expect(report).toEqual({ files: ["log1"], bytes: packed.length, lines: LINES, faults: [] });
  });

  const otherChecksum = Buffer.from(gzip);
  otherChecksum.writeUInt32LE(1, gzip.length - 8);
  test.each([
    ["gzip and garbage", Buffer.concat([gzip, Buffer.from("hello")])],
    ["gzip and the beginning of more", Buffer.concat([gzip, gzip.subarray(0, 12)])],
    ["gzip without its checksum", gzip.subarray(0, -8)],
    ["gzip with another checksum", otherChecksum],
    ["zstd and garbage", Buffer.concat([zstd, Buffer.from("hello")])],
    ["zstd and a byte", Buffer.concat([zstd, Buffer.from("h")])],
  ])("that is damaged at its end gives all of its lines: %s", async (_, packed) => {
    const { requests, report } = await readAll([packed]);
    expect(requests).toHaveLength(LINES);
    expect(report.faults).toMatchObject([{ kind: "truncated", count: 1 }]);
  });

  // A part of zstd is unpacked as a whole, so the log must have several.
  test.each([
    ["gzip", gzip, 4900],
    ["zstd", Buffer.concat(zstdHalves), LINES / 2 - 1],
  ])("that is cut off gives what there is of it: %s", async (_, packed, atLeast) => {
    const { requests, report } = await readAll([packed.subarray(0, packed.length - 20)]);
    expect(requests.length).toBeGreaterThanOrEqual(atLeast);
    expect(requests.map(({ target }) => target)).toEqual(Array.from(requests, (_, i) => `/${i}`));
    expect(report.faults).toMatchObject([{ kind: "truncated", count: 1 }]);
  });
});

test.each([
  ["gzip", gunzipped, [gzipSync("one"), adorned("two"), gzipSync("")]],
  ["zstd", unzstd, [zstdCompressSync("one"), skippable(9), zstdCompressSync("two")]],
] as const)("%s is the same wherever chunks of the file end", async (_, unpacked, parts) => {
  const packed = Buffer.concat(parts);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: packed.length }), { maxLength: 20 }), async (cuts) => {
      const texts: string[] = [];
      for await (const chunk of unpacked(new PackedBytes(cutAt(packed, cuts)))) texts.push(chunk.toString());
      expect(texts.join("")).toBe("onetwo");
    }),
  );
});

/** Chunks as of a file: each is good until the next. */
async function* cutAt(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const memory = Buffer.alloc(bytes.length);
  let start = 0;
  for (const end of [...cuts, bytes.length].toSorted((a, b) => a - b)) {
    if (end === start) continue;
    memory.fill(0);
    bytes.copy(memory, 0, start, end);
    yield memory.subarray(0, end - start);
    start = end;
  }
}
