// A worker that dies says nothing. But a lock that it holds is then free, in secure contexts of every browser; and its message port closes,
// in Chromium and in Node.

/** The worker's side. Resolves once the lock is held, to false where there are no locks. */
export function holdLock(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    if (!globalThis.navigator?.locks) return resolve(false);
    const forLife = () => {
      resolve(true);
      return new Promise(() => {});
    };
    navigator.locks.request(name, forLife).catch(() => resolve(false)); // refused in some frames
  });
}

/** The other side, once the lock is held. */
export function whenReleased(name: string, act: () => void): void {
  navigator.locks.request(name, act).catch(() => {}); // this document is going
}
