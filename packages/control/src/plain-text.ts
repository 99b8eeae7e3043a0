/**
 * What is wrong with a text that people write and read, in words that go after it; undefined where nothing is. It is
 * refused and not mended, so that what was sent is what is kept. Invisible characters are refused because two texts that
 * look the same would not be.
 */
export function faultOfText(text: string, longest: number): string | undefined {
  const fault = faultOfLength(text, longest);
  if (fault !== undefined) return fault;
  if (text !== text.trim()) return "begins or ends with a blank";
  if (/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(text)) {
    return "holds characters that cannot be seen, such as control characters";
  }
  return undefined;
}

/**
 * The same of an id that another system gave: it has to be found again byte for byte, so whatever can be kept is taken.
 */
export function faultOfForeignId(id: string, longest: number): string | undefined {
  const fault = faultOfLength(id, longest);
  if (fault !== undefined) return fault;
  return /[\p{Cc}\p{Cs}]/u.test(id) ? "holds control characters, or half a character" : undefined;
}

function faultOfLength(text: string, longest: number): string | undefined {
  if (text === "") return "is empty";
  return text.length > 2 * longest || [...text].length > longest ? `is longer than ${longest} characters` : undefined;
}
