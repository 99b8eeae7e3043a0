const WIDTH = 112;

/** Words as a doc comment, on as many lines as they need; nothing where there are none. */
export function docComment(words: string, indent: string): string {
  const lines: string[] = [];
  for (const word of words.split(/\s+/).filter(Boolean)) {
    const line = lines.at(-1);
    if (line === undefined || indent.length + line.length + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  if (lines.length === 0) return "";
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join("")}${indent} */\n`;
}
