/** Tells a listener, if there is one. What it throws, now or later, is its own affair. */
export function tellListener<News>(listener: ((news: News) => unknown) | undefined, news: News): void {
  try {
    const heard = listener?.(news);
    if (heard instanceof Promise) heard.catch(() => {});
  } catch {
    // Neither a call nor an item is to be lost for a log that fails.
  }
}
