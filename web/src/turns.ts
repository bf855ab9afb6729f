/** Lets an engine see to its events between the steps of long work. */
export interface Turns {
  next(): Promise<void>;
  end(): void;
}

/** Not setTimeout, which browsers make wait for 4 ms, nor scheduler.yield, which goes before the messages that are to be heard. */
export function takeTurns(): Turns {
  if (typeof setImmediate === 'function') return { next: () => new Promise((resume) => setImmediate(resume)), end() {} };
  const { port1, port2 } = new MessageChannel();
  const next = () =>
    new Promise<void>((resume) => {
      port1.onmessage = () => resume();
      port2.postMessage(undefined);
    });
  return { next, end: () => port1.close() };
}
