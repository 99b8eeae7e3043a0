import { type Algorithm, cell } from "../algorithm.ts";
import { COUNT, type Holders, NEWEST, OLDEST } from "../memory/holders.ts";

/** How long to wait when not this limit but the room for holders is exhausted. */
const POOL_FULL_WAIT_MS = 1_000;

/**
 * At most `quota` requests in flight. Three numbers cannot remember who is in flight, so the state is a list in
 * {@link Holders}; a holder that never reports back loses its place after `windowMs`. Cost is always 1.
 */
export function concurrency(holders: Holders): Algorithm {
  return {
    advance(cells, at, limit, now) {
      let oldest = cell(cells, at + OLDEST);
      while (oldest !== 0 && holders.expiresAt(oldest) <= now) {
        holders.remove(cells, at, oldest);
        oldest = cell(cells, at + OLDEST);
      }
      // Only a clock set back, or a hold made shorter, leaves a newest holder that would keep its place for too long.
      const newest = cell(cells, at + NEWEST);
      if (newest === 0 || holders.expiresAt(newest) <= now + limit.windowMs) return;
      for (let holder = oldest; holder !== 0; holder = holders.next(holder)) {
        holders.expireBy(holder, now + limit.windowMs);
      }
    },

    wait(cells, at, limit, _cost, now) {
      let surplus = cell(cells, at + COUNT) + 1 - limit.quota;
      if (surplus <= 0) return holders.isFull ? POOL_FULL_WAIT_MS : 0;
      let holder = cell(cells, at + OLDEST);
      while (--surplus > 0) holder = holders.next(holder);
      return holders.expiresAt(holder) - now;
    },

    charge(cells, at, limit, _cost, now) {
      return holders.append(cells, at, now + limit.windowMs);
    },

    refund(cells, at, _limit, _cost, ticket) {
      const holder = holders.holderOf(ticket);
      if (holder !== 0) holders.remove(cells, at, holder);
    },

    used(cells, at) {
      return cell(cells, at + COUNT);
    },

    resetMs(cells, at, _limit, now) {
      const newest = cell(cells, at + NEWEST);
      return newest === 0 ? 0 : Math.max(0, holders.expiresAt(newest) - now);
    },
  };
}
