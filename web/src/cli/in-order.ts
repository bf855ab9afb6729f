/**
 * The results of `work` on each item, in the order of the items and as soon as they are there. At most `atOnce` items are under way or wait to be
 * fetched: while nobody fetches, nothing more is taken in.
 */
export async function* inOrder<Item, Result>(items: AsyncIterable<Item>, work: (item: Item) => Promise<Result>, atOnce: number): AsyncGenerator<Result, void> {
  const results: Promise<Result>[] = []; // the oldest first
  let isReading = true;
  let wake = () => {};
  const change = () => new Promise<void>((resolve) => (wake = resolve));
  const changed = () => wake();

  // Of the two sides one at most waits: the reader for room, or its consumer for a result.
  const reading = (async () => {
    for await (const item of items) {
      while (isReading && results.length >= atOnce) await change();
      if (!isReading) return;
      const result = work(item);
      result.catch(() => {}); // it is awaited below, but maybe not at once
      results.push(result);
      changed();
    }
  })().finally(() => {
    isReading = false;
    changed();
  });
  reading.catch(() => {}); // the same

  try {
    for (;;) {
      while (isReading && results.length === 0) await change();
      if (results.length === 0) break;
      yield await results[0]!;
      results.shift();
      changed();
    }
  } finally {
    isReading = false;
    changed();
  }
  await reading; // what went wrong there, after all that went well
}
