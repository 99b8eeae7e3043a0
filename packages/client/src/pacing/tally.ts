import type { KnownLimit } from "../reading/reading.ts";
import { narrowed, roundest, type WindowLength } from "./window-length.ts";

/** Ends of windows that are told as waits, or in whole seconds, differ by less than this for the same window. */
const ROUNDING_MS = 1_000;
/** The window of a limit that tells neither that nor its end. Most such APIs count by the minute. */
const USUAL_WINDOW_MS = 60_000;
/** How much later than told a window ends that has turned out not to be over when it should have been. */
const LATER_MS = 250;
const LATEST_MS = 2_000;
/** Nothing is waited for longer than this without another look: an API may be wrong about the next century. */
export const LONGEST_WAIT_MS: number = 86_400_000;

/** What is known of one limit, and how much of it is left. Plain data, so that processes can share it. */
export interface Tally {
  readonly name: string;
  /** As the API tells it; else the most that has ever remained. */
  quota: number;
  /** The least that was said in this window, less one for each call of whose answer nothing was said. Calls in flight come off. */
  remaining: number;
  /** Epoch ms: when this window began, as far as is known here. */
  beganAt: number;
  /** Epoch ms: when it is over for certain. */
  endsAt: number;
  /** Epoch ms: the end as the API tells it; 0 where it does not. */
  resetAt: number;
  /** Epoch ms: when `remaining` was said. An answer to a call sent before that is no newer. */
  learntAt: number;
  /** The window should be a new one, but no answer has said so yet. */
  isAssumed: boolean;
  /** Ms; 0 where neither the API tells it nor its windows do. */
  windowMs: number;
  /** Undefined where nothing is to be concluded. */
  length?: WindowLength | undefined;
  isLengthWrong?: boolean;
  /** How much later than told windows end. */
  lagMs: number;
  /** It takes longer than a window until the quota is whole, so the window slides: the quota comes back bit by bit. */
  isSliding: boolean;
}

/** Begins to keep a limit, as an answer tells it. */
export function newTally(limit: KnownLimit, sentAt: number, now: number): Tally {
  const tally: Tally = {
    name: limit.name,
    quota: limit.quota ?? 1,
    remaining: limit.remaining,
    beganAt: now,
    endsAt: now,
    resetAt: 0,
    learntAt: now,
    isAssumed: false,
    windowMs: 0,
    lagMs: 0,
    isSliding: false,
  };
  begin(tally, limit, sentAt, now);
  return tally;
}

/** Whether an answer's limit is this one. */
export function isOf(tally: Tally, { name, quota }: KnownLimit): boolean {
  return name === tally.name && (quota ?? tally.quota) === tally.quota;
}

/**
 * Takes in what an answer says. Answers overtake each other, so within a window only less counts, unless the call was sent
 * after what is known was said; and what is said of a window that is over does not count.
 */
export function learn(tally: Tally, limit: KnownLimit, sentAt: number, now: number): void {
  const { remaining, resetAt = 0 } = limit;
  switch (windowOf(tally, limit, sentAt)) {
    case "next":
      begin(tally, limit, sentAt, now);
      break;
    case "not over":
      resume(tally, limit, sentAt, now);
      break;
    case "this":
      if (remaining <= tally.remaining || sentAt >= tally.learntAt) {
        tally.remaining = remaining;
        tally.learntAt = now;
      }
      if (resetAt > 0) {
        tally.resetAt = Math.min(tally.resetAt || resetAt, resetAt);
        tally.endsAt = Math.min(tally.endsAt, resetAt + tally.lagMs);
      }
  }
}

/** Of which window an answer speaks: the one that is known, the one after or before it, or one that should be over. */
function windowOf(tally: Tally, limit: KnownLimit, sentAt: number): "this" | "next" | "last" | "not over" {
  const { remaining, resetAt = 0 } = limit;
  const laterMs = resetAt > 0 && tally.resetAt > 0 ? resetAt - tally.resetAt : 0;
  const isOther = laterMs !== 0 && Math.abs(laterMs) >= Math.min(ROUNDING_MS, tally.windowMs / 2);
  if (isOther && laterMs > 0) return "next";
  // What went since this window began cannot be of one before: then the API's clock is known better now.
  if (isOther && sentAt < tally.beganAt) return "last";
  if (tally.isAssumed) {
    if (sentAt < tally.beganAt) return "last";
    // Where no end tells windows apart, the first answer since is believed.
    return resetAt > 0 && tally.resetAt > 0 && remaining < tally.remaining ? "not over" : "next";
  }
  // Nor does it then need an end to see that there is more than there was.
  return resetAt === 0 && remaining > tally.remaining && sentAt >= tally.learntAt ? "next" : "this";
}

/**
 * Notes that a call goes, with others in flight. Where the window is over, the quota should be whole again; until an
 * answer says so, only what was left of the old one may go, or a single call.
 */
export function noteSent(tally: Tally, inFlight: number, now: number): void {
  const isOver = now >= tally.endsAt;
  if (!isOver && !tally.isAssumed) return;
  if (tally.remaining <= inFlight) tally.remaining = inFlight + 1;
  if (!isOver) return;
  tally.isAssumed = true;
  tally.beganAt = now;
  tally.endsAt = now + (tally.windowMs || USUAL_WINDOW_MS);
}

/** Whoever was refused was told when to come again: by then there is room for one at least, whatever the reset. */
export function noteRefused(tally: Tally, until: number): void {
  if (tally.remaining <= 0) tally.endsAt = Math.min(tally.endsAt, until);
}

/** A window has begun, as an answer says. */
function begin(tally: Tally, limit: KnownLimit, sentAt: number, now: number): void {
  const { remaining, resetAt = 0, windowMs } = limit;
  tally.remaining = remaining;
  if (limit.quota === undefined) tally.quota = Math.max(tally.quota, remaining);
  tally.isAssumed = false;
  tally.beganAt = now;
  tally.learntAt = now;
  tally.resetAt = resetAt;
  tally.isSliding = windowMs !== undefined && resetAt - now > windowMs + ROUNDING_MS;
  const isFirst = remaining === tally.quota - 1;
  if (isFirst && resetAt % 1000 === 0 && resetAt > sentAt && !tally.isLengthWrong) {
    tally.length = narrowed(tally.length, resetAt, sentAt, now);
  }
  const length = windowMs ?? (tally.length && roundest(tally.length));
  tally.windowMs = length ?? Math.max(tally.windowMs, resetAt - now);
  // It began before this answer came, so it ends no later than its length after that.
  const latest = now + Math.min(length ?? LONGEST_WAIT_MS, LONGEST_WAIT_MS);
  const told = resetAt > 0 ? resetAt : now + (length ?? USUAL_WINDOW_MS);
  tally.endsAt = Math.min(told, latest) + tally.lagMs;
}

/** The window that should be over is not. What made it seem so counts less from here on. */
function resume(tally: Tally, { remaining, resetAt = 0 }: KnownLimit, sentAt: number, now: number): void {
  if (sentAt >= tally.resetAt) tally.lagMs = Math.min(tally.lagMs + LATER_MS, LATEST_MS);
  tally.isLengthWrong = true;
  tally.length = undefined;
  tally.isAssumed = false;
  tally.remaining = remaining;
  tally.learntAt = now;
  tally.endsAt = Math.min(Math.max(resetAt, now) + tally.lagMs, now + LONGEST_WAIT_MS);
}
