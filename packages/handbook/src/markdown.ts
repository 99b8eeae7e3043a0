/** Text as Markdown that shows it as it is, on one line. */
export function escaped(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>#|~&!]/g, "\\$&");
}

/** Text as code within a line. */
export function code(text: string): string {
  const oneLine = text.replace(/\s+/g, " ");
  const longestRun = Math.max(0, ...[...oneLine.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longestRun + 1);
  const space = longestRun > 0 ? " " : "";
  return `${fence}${space}${oneLine}${space}${fence}`;
}

/** A block of code. */
export function fenced(language: string, text: string): string {
  const longestRun = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longestRun + 1);
  return `${fence}${language}\n${text.replace(/\n$/, "")}\n${fence}`;
}

/** A table. Its cells are Markdown; a bar in them is escaped here, also within code. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll(/(?<!\\)\|/g, "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Points, one a line. */
export function list(points: readonly string[]): string {
  return points.map((point) => `- ${point}`).join("\n");
}

/** What is there of some blocks, with a blank line between. */
export function blocks(...parts: readonly (string | undefined | false)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== "").join("\n\n");
}
