const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;
/** What is later is no time of a log, and years of more digits would have to be written everywhere. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Reads ISO 8601, where no zone is UTC, or epoch ms; undefined where it is neither, or {@link toInstant} says so. */
export function parseInstant(value: unknown): number | undefined {
  return toInstant(typeof value === "string" ? parseIso(value) : value);
}

/** Epoch ms, of which a fraction is dropped; undefined where it is none, or outside of the years 1970 to 9999. */
export function toInstant(time: unknown): number | undefined {
  return typeof time === "number" && time >= 0 && time <= LATEST ? Math.floor(time) : undefined;
}

function parseIso(text: string): number | undefined {
  const read = ISO_8601.exec(text);
  return read ? Date.parse(read[1] === undefined ? `${text}Z` : text) : undefined;
}
