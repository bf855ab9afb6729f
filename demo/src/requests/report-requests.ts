/** A request that a page, or a worker of it, made. */
export interface Request {
  url: string;
  by: Asker;
  /** What asked: `script`, `fetch`, `css`, ... */
  kind: string;
  /** Whether it went over the network; otherwise a cache or the service worker answered. */
  isNetwork: boolean;
  /** Bytes of the answer. */
  bytes: number;
}

export type Asker = 'page' | 'model worker' | 'bulk worker' | 'service worker';

/** Workers have timelines of their own, which the page cannot see: they tell it over this channel. */
export const channel = (): BroadcastChannel => new BroadcastChannel('byteflow-requests');

/** Tells the page of every request that this worker makes, and has made. */
export function reportRequests(by: Asker): void {
  const page = channel();
  observeRequests(by, (requests) => page.postMessage(requests));
}

export function observeRequests(by: Asker, onRequests: (requests: Request[]) => void): void {
  const observer = new PerformanceObserver((list) => onRequests(list.getEntries().map((entry) => describe(entry as PerformanceResourceTiming, by))));
  observer.observe({ type: 'resource', buffered: true });
}

function describe({ name, initiatorType, transferSize, encodedBodySize }: PerformanceResourceTiming, by: Asker): Request {
  return { url: name, by, kind: initiatorType || 'other', isNetwork: transferSize > 0, bytes: encodedBodySize };
}
