// A worker that dies says nothing, but a lock that it holds is then free. Browsers have locks in secure contexts; elsewhere such a death is not
// noticed, and a call under way ends by its signal alone.

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

/** The page's side, once the lock is held. */
export function whenReleased(name: string, act: () => void): void {
  navigator.locks.request(name, act).catch(() => {}); // this document is going
}
