/** A clock that stands still until it is told. Its functions need no `this`: pass `clock.now` wherever time is asked. */
export interface FakeClock {
  /** Epoch ms. */
  readonly now: () => number;
  readonly advance: (ms: number) => void;
  /** Puts the clock to any instant, an earlier one too. */
  readonly set: (instant: number) => void;
}

/** Makes a clock that shows `start`, epoch ms. */
export function fakeClock(start: number): FakeClock {
  let instant = start;
  return {
    now: () => instant,
    advance: (ms) => {
      instant += ms;
    },
    set: (to) => {
      instant = to;
    },
  };
}
