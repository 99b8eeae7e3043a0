import type { Awaitable } from "@headgate/core";

/**
 * Goes on at once where the value is there, and later where it is promised: no promise on the way of a synchronous store.
 * Not called `then`: a module that exports one passes for a promise when it is imported dynamically.
 */
export function whenKnown<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Goes on with what was asked for; where that throws or is rejected, with what is put in its place. */
export function unlessFailed<T, U>(
  ask: () => Awaitable<T>,
  next: (value: T) => U,
  instead: (error: unknown) => U,
): Awaitable<U> {
  let asked: Awaitable<T>;
  try {
    asked = ask();
  } catch (error) {
    return instead(error);
  }
  return asked instanceof Promise ? asked.then(next, instead) : next(asked);
}
