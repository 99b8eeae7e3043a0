/** The known word that is most like one that is not known, if any is like it: for "did you mean". */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  // Of four letters two make another word: "rate" is no slip of "name".
  let least = (word.length < 5 ? 1 : Math.max(2, Math.floor(word.length / 3))) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase().replaceAll("_", "-"), candidate.toLowerCase());
    if (distance < least) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

/** `did you mean "quota"?`, or a list of what there is. */
export function suggest(word: string, known: readonly string[], what: string): string {
  const nearest = nearestWord(word, known);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  return known.length === 0 ? `there are no ${what}` : `${what}: ${known.join(", ")}`;
}

/** Levenshtein's distance, for words: at most a few hundred characters. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
