import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Lines of an access log, a thousand a second, in chunks. `callerOf` gives the number of the caller of each. */
function* accessLog(lines: number, callerOf: (line: number) => number): Generator<string> {
  const start = Date.UTC(2030, 0, 1);
  for (let first = 0; first < lines; first += 1000) {
    const [, date, clock] = /^(.{10})T(.{8})/.exec(new Date(start + first).toISOString()) as RegExpExecArray;
    const [year, , day] = (date as string).split("-");
    let text = "";
    for (let line = first; line < Math.min(lines, first + 1000); line++) {
      const caller = callerOf(line);
      const address = `${10 + (caller >>> 24)}.${(caller >>> 16) & 255}.${(caller >>> 8) & 255}.${caller & 255}`;
      const request = `${line % 5 === 0 ? "POST" : "GET"} /v1/${KINDS[line % KINDS.length]}/${(line * 7) % 500}`;
      text += `${address} - - [${day}/Jan/${year}:${clock} +0000] "${request} HTTP/1.1" 200 ${line % 9000} "-" "${AGENT}"\n`;
    }
    yield text;
  }
}

/** Writes such lines to a file. */
export async function writeAccessLog(file: string, lines: number, callerOf: (line: number) => number): Promise<void> {
  await pipeline(Readable.from(accessLog(lines, callerOf)), createWriteStream(file));
}

const KINDS = ["events", "meters", "accounts"];
const AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";
