import { PartitionHash } from "@headgate/core/memory";
import type { CallerCount, ShutOut } from "../rehearsal.ts";
import { CallerRecord } from "./caller-record.ts";
import { DistinctCallers } from "./distinct-callers.ts";

/** Beyond these, callers that were never refused are forgotten, and then those that were refused least. */
export const MOST_REMEMBERED = 20_000;

/** All callers of a log: those that matter by themselves, the others as numbers. */
export class CallerBook {
  /** By kind and value. */
  readonly #records = new Map<string, Map<string, CallerRecord>>();
  #remembered = 0;
  #generation = 0;
  readonly #seen = new DistinctCallers();
  readonly #refused = new DistinctCallers();
  // Not secret: the same log gives the same report, estimates too.
  readonly #hash = new PartitionHash(0x68656164, 0x67617465);
  /** Of those that were forgotten. */
  #forgotten: ShutOut = { times: 0, totalMs: 0, longestMs: 0 };

  /** Goes up when callers are forgotten. Records of before may be nobody's any more, and their numbers another's. */
  get generation(): number {
    return this.#generation;
  }

  /** The record of a caller; a new one where it is not remembered. Times are epoch ms. */
  meet(kind: string, value: string, now: number): CallerRecord {
    return this.#records.get(kind)?.get(value) ?? this.#remember(kind, value, now);
  }

  /** Takes note of a caller's first refusal. */
  noteRefused(record: CallerRecord): void {
    this.#refused.add(record.hash);
  }

  get seen(): CallerCount {
    return this.#seen.count();
  }

  get refused(): CallerCount {
    return this.#refused.count();
  }

  /** Those refused, or shadow-refused, most. */
  top(count: number): CallerRecord[] {
    return this.#all().filter(isTouched).sort(mostRefusedFirst).slice(0, count);
  }

  /** Of all callers together. */
  shutOut(until: number): ShutOut {
    return this.#sum(this.#all(), until);
  }

  #remember(kind: string, value: string, now: number): CallerRecord {
    if (this.#remembered >= MOST_REMEMBERED) this.#forget(now);
    this.#hash.digest(`${kind} ${value}`, [0, 0]);
    const record = new CallerRecord(kind, value, (this.#hash.high & 0x1fffff) * 2 ** 32 + (this.#hash.low >>> 0));
    this.#seen.add(record.hash);
    this.#put(record);
    return record;
  }

  #put(record: CallerRecord): void {
    const ofKind = this.#records.get(record.kind) ?? new Map<string, CallerRecord>();
    this.#records.set(record.kind, ofKind.set(record.value, record));
    record.number = this.#remembered++;
  }

  #forget(now: number): void {
    const records = this.#all();
    const kept = new Set(
      records
        .filter(isTouched)
        .sort(mostRefusedFirst)
        .slice(0, MOST_REMEMBERED / 2),
    );
    const gone = records.filter((record) => !kept.has(record));
    this.#forgotten = this.#sum(gone, now);
    this.#records.clear();
    this.#remembered = 0;
    this.#generation++;
    for (const record of kept) this.#put(record);
  }

  #all(): CallerRecord[] {
    return [...this.#records.values()].flatMap((ofKind) => [...ofKind.values()]);
  }

  #sum(records: Iterable<CallerRecord>, until: number): ShutOut {
    let { times, totalMs, longestMs } = this.#forgotten;
    for (const record of records) {
      const shutOut = record.shutOut?.upTo(until);
      if (!shutOut) continue;
      times += shutOut.times;
      totalMs += shutOut.totalMs;
      longestMs = Math.max(longestMs, shutOut.longestMs);
    }
    return { times, totalMs, longestMs };
  }
}

function isTouched({ refused, shadowRefused }: CallerRecord): boolean {
  return refused > 0 || shadowRefused > 0;
}

function mostRefusedFirst(a: CallerRecord, b: CallerRecord): number {
  return b.refused - a.refused || b.shadowRefused - a.shadowRefused || b.requests - a.requests;
}
