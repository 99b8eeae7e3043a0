import { toInstant } from "./instant.ts";
import { Words } from "./words.ts";

/** The length of `10/Oct/2000:13:55:36 -0700`. */
export const CLOCK_TIME_LENGTH: number = 26;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const FORM = /^(\d\d)\/([A-Z][a-z][a-z])\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;

/** Reads the time of access logs. Lines of the same second come in a row, so the last one read is remembered. */
export class ClockTime {
  readonly #bytes = Buffer.alloc(CLOCK_TIME_LENGTH);
  readonly #known: DataView = new Words().of(this.#bytes);
  readonly #words = new Words();
  #time: number | undefined;

  /** Epoch ms; undefined where it is none. */
  read(bytes: Buffer, start: number, end: number): number | undefined {
    if (end - start !== CLOCK_TIME_LENGTH) return undefined;
    if (this.#isSame(bytes, start)) return this.#time;
    bytes.copy(this.#bytes, 0, start, end);
    this.#time = parse(this.#bytes.toString("latin1", 0, CLOCK_TIME_LENGTH));
    return this.#time;
  }

  /** From the end on, where the seconds are. The last word looked at laps over the one before it. */
  #isSame(bytes: Buffer, start: number): boolean {
    const view = this.#words.of(bytes);
    for (let i = CLOCK_TIME_LENGTH - 4; i > 0; i -= 4) {
      if (view.getInt32(start + i) !== this.#known.getInt32(i)) return false;
    }
    return view.getInt32(start) === this.#known.getInt32(0);
  }
}

function parse(text: string): number | undefined {
  const [, day, monthName = "", year, hours, minutes, seconds, sign, zoneHours, zoneMinutes] = FORM.exec(text) ?? [];
  const month = MONTHS.indexOf(monthName);
  if (month < 0) return undefined;
  const zoneMs = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000 * (sign === "-" ? -1 : 1);
  const dayMs = Date.UTC(Number(year), month, Number(day));
  if (new Date(dayMs).getUTCDate() !== Number(day) || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  // A leap second is the 60th.
  if (Number(seconds) > 60) return undefined;
  return toInstant(dayMs + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 - zoneMs);
}
