/** How much of a log is looked at to tell its format. */
const BEGINNING_BYTES = 4096;

/** The byte order mark that some editors begin UTF-8 with. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The chunks of a log, of which the first is enough to tell its format by: it has the first line that is not blank, or 4 KB,
 * or all there is. A pipe may give as little as a byte at once.
 */
export async function* withBeginning(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let beginning: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (beginning === undefined) {
      yield chunk;
      continue;
    }
    beginning = beginning.length === 0 ? Buffer.from(chunk) : Buffer.concat([beginning, chunk]);
    if (beginning.length < BEGINNING_BYTES && !hasLine(beginning)) continue;
    yield unmarked(beginning);
    beginning = undefined;
  }
  if (beginning !== undefined && beginning.length > 0) yield unmarked(beginning);
}

/** The text that the format is told by: blank lines tell nothing. */
export function beginningOf(first: Buffer): string {
  return first.toString("latin1").trimStart().slice(0, BEGINNING_BYTES);
}

function hasLine(beginning: Buffer): boolean {
  return beginningOf(beginning).includes("\n");
}

function unmarked(beginning: Buffer): Buffer {
  const isMarked = beginning.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  return isMarked ? beginning.subarray(BYTE_ORDER_MARK.length) : beginning;
}
