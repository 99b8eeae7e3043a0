/** Those who use the same quota, as far as this process knows of them. */
export interface Crowd {
  /** Calls in flight that others have sent, and when they sent the last: epoch ms. */
  readonly inFlight: number;
  readonly sentAt: number;
  /** How many want to send at the moment, this process included. */
  readonly size: number;
  /** Which of them this process is, from 0: no two of them take what cannot be divided, nor probe at once. */
  readonly place: number;
}

/** Nobody else. */
export const ALONE: Crowd = { inFlight: 0, sentAt: 0, size: 1, place: 0 };

/** This process's part of what all may send. */
export function partOf(room: number, { size, place }: Crowd): number {
  return Math.floor((room + size - 1 - place) / size);
}
