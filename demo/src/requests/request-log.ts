import { channel, observeRequests, type Request } from './report-requests.js';

/** Every request since the page was opened: its own, and those of all workers. */
export class RequestLog extends EventTarget {
  readonly requests: Request[] = [];

  constructor() {
    super();
    const add = (requests: Request[]) => {
      this.requests.push(...requests);
      this.dispatchEvent(new Event('change'));
    };
    const page = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming;
    add([{ url: page.name.split('#')[0]!, by: 'page', kind: 'page', isNetwork: page.transferSize > 0, bytes: page.encodedBodySize }]);
    observeRequests('page', add);
    channel().addEventListener('message', ({ data }: MessageEvent<Request[]>) => add(data));
  }
}
