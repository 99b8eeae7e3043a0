const EIGHTHS = ["", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/**
 * Values as columns of block characters, one column each: `height` lines, the topmost first. What is more than nothing
 * shows, be it ever so little.
 */
export function blockColumns(values: readonly number[], most: number, height: number): string[] {
  const heights = values.map((value) => eighths(value, most, height));
  return Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * 8;
    return heights.map((filled) => EIGHTHS[Math.min(8, Math.max(0, filled - below))] || " ").join("");
  });
}

function eighths(value: number, most: number, height: number): number {
  return value <= 0 ? 0 : Math.max(1, Math.round((value / most) * height * 8));
}
