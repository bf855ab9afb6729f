/** Lets an engine see to its events between the steps of long work. */
export interface Turns {
  next(): Promise<void>;
  end(): void;
}

/** Not setTimeout where there is a choice, since browsers make it wait for 4 ms; nor scheduler.yield, which goes before the messages that are to be heard. */
export function takeTurns(): Turns {
  const later: ((resume: () => void) => unknown) | undefined = globalThis.setImmediate ?? (globalThis.MessageChannel ? undefined : setTimeout);
  if (later !== undefined) return { next: () => new Promise((resume) => later(resume)), end() {} };
  const { port1, port2 } = new MessageChannel();
  const next = () =>
    new Promise<void>((resume) => {
      port1.onmessage = () => resume();
      port2.postMessage(undefined);
    });
  return { next, end: () => port1.close() };
}
