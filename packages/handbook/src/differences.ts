/** How published files differ from those that a policy gives now. */
export interface Difference {
  readonly file: string;
  readonly kind: "missing" | "extra" | "different";
  /** The first line that differs, from 1; of different files only. */
  readonly line?: number;
  /** That line as it should be, and as it is; undefined past the end. */
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
}

/** Compares what should be published with what is. Both are texts by file name; line endings do not count. */
export function differencesOf(
  expected: ReadonlyMap<string, string>,
  published: ReadonlyMap<string, string>,
): readonly Difference[] {
  const differences: Difference[] = [];
  for (const [file, text] of expected) {
    const found = published.get(file);
    if (found === undefined) differences.push({ file, kind: "missing" });
    else differences.push(...firstDifference(file, text, found));
  }
  for (const file of published.keys()) if (!expected.has(file)) differences.push({ file, kind: "extra" });
  return differences;
}

function firstDifference(file: string, expected: string, found: string): Difference[] {
  const wanted = expected.split("\n");
  const there = found.replaceAll("\r\n", "\n").split("\n");
  for (let i = 0; i < Math.max(wanted.length, there.length); i++) {
    if (wanted[i] !== there[i]) return [{ file, kind: "different", line: i + 1, expected: wanted[i], found: there[i] }];
  }
  return [];
}
