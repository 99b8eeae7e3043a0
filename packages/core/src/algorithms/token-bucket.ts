import { type Algorithm, cell } from "../algorithm.ts";

/**
 * What is missing from a full bucket, in units of 1/window, so that one ms refills exactly `quota` of them and nothing
 * is lost to rounding. Kept as what is missing, not as what is there: a changed burst then applies at once.
 */
const MISSING = 0;
const UPDATED_AT = 1;
/** The window that `MISSING` was counted in, in case the policy changes it. */
const WINDOW = 2;

/** What can be missing at most, so that it stays a whole number: costs told after the fact know no bounds. */
const MOST_MISSING = 2 ** 52;

/** A bucket of `burst` units, full at first, refilled continuously with `quota` units per window. */
export const tokenBucket: Algorithm = {
  advance(cells, at, limit, now) {
    const missing = cell(cells, at + MISSING);
    if (missing === 0) {
      cells[at + UPDATED_AT] = now;
      cells[at + WINDOW] = limit.windowMs;
      return;
    }
    const window = cell(cells, at + WINDOW);
    if (window !== limit.windowMs) {
      const converted = Math.min(MOST_MISSING, Math.ceil((missing / window) * limit.windowMs));
      // Should the thread die before both are written, more is missing than was, in either unit.
      cells[at + MISSING] = Math.max(missing, converted);
      cells[at + WINDOW] = limit.windowMs;
      cells[at + MISSING] = converted;
    }
    const elapsed = now - cell(cells, at + UPDATED_AT);
    if (elapsed > 0) {
      // The time before the refill: a thread that dies in between has refilled nothing, not what is refilled again.
      cells[at + UPDATED_AT] = now;
      cells[at + MISSING] = Math.max(0, cell(cells, at + MISSING) - elapsed * limit.quota);
    } else if (-elapsed > limit.windowMs) {
      // The clock was set back by more than a window: refill from where it stands now.
      cells[at + UPDATED_AT] = now;
    }
  },

  wait(cells, at, limit, cost, now) {
    if (cost > limit.capacity) return Number.POSITIVE_INFINITY;
    const lacking = cell(cells, at + MISSING) + (cost - limit.capacity) * limit.windowMs;
    if (lacking <= 0) return 0;
    return Math.ceil(lacking / limit.quota) + cell(cells, at + UPDATED_AT) - now;
  },

  charge(cells, at, limit, cost) {
    cells[at + MISSING] = Math.min(MOST_MISSING, cell(cells, at + MISSING) + cost * limit.windowMs);
    return cell(cells, at + UPDATED_AT);
  },

  refund(cells, at, limit, cost, ticket) {
    // A bucket has no windows: what it has gained since the charge may have been this charge's, and is not given twice.
    const gained = (cell(cells, at + UPDATED_AT) - ticket) * limit.quota;
    if (gained < 0) return;
    const owed = Math.max(0, cost * limit.windowMs - gained);
    cells[at + MISSING] = Math.max(0, cell(cells, at + MISSING) - owed);
  },

  used(cells, at, limit) {
    return Math.ceil(cell(cells, at + MISSING) / limit.windowMs);
  },

  resetMs(cells, at, limit, now) {
    const missing = cell(cells, at + MISSING);
    return missing === 0 ? 0 : Math.ceil(missing / limit.quota) + cell(cells, at + UPDATED_AT) - now;
  },
};
