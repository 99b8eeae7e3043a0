const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;
/** The last instant that a Date can hold. */
const LATEST = 8.64e15;

/** Reads ISO 8601, where no zone is UTC, or epoch ms, of which a fraction is dropped; undefined where it is neither. */
export function parseInstant(value: unknown): number | undefined {
  const time = typeof value === "string" ? parseIso(value) : value;
  return typeof time === "number" && time >= 0 && time <= LATEST ? Math.floor(time) : undefined;
}

function parseIso(text: string): number | undefined {
  const read = ISO_8601.exec(text);
  return read ? Date.parse(read[1] === undefined ? `${text}Z` : text) : undefined;
}
