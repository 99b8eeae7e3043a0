import type { Awaitable } from "@headgate/core";

/**
 * Goes on at once where the value is there, and later where it is promised: no promise on the way of a synchronous store.
 * Not called `then`: a module that exports one passes for a promise when it is imported dynamically.
 */
export function whenKnown<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
