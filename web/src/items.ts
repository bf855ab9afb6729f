/** What work gives, item by item, at the reader's speed: the work never waits. A reader that stops, or whose signal is aborted, ends the work. */
export async function* itemsOf<T>(
  work: (emit: (item: T) => void, signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const items: T[] = [];
  let isOpen = true;
  let wake = () => {};
  const emit = (item: T) => {
    items.push(item);
    wake();
  };
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const end = work(emit, stop.signal).finally(() => {
    isOpen = false;
    wake();
  });
  end.catch(() => {}); // it is awaited below, but maybe not at once
  try {
    while (isOpen || items.length > 0) {
      stop.signal.throwIfAborted();
      if (items.length > 0) yield items.shift()!;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    await end;
  } finally {
    signal?.removeEventListener('abort', abort);
    stop.abort();
  }
}
