/** Chromium's offer to install the page; other browsers have it in a menu. */
interface InstallOffer extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

export interface Install extends EventTarget {
  readonly offer: InstallOffer | undefined;
}

/** Keeps the browser's offer until somebody wants it. Tells by `change` that it came or went. */
export function watchForInstall(): Install {
  const install = Object.assign(new EventTarget(), { offer: undefined as InstallOffer | undefined });
  const set = (offer: InstallOffer | undefined): void => {
    install.offer = offer;
    install.dispatchEvent(new Event('change'));
  };
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    set(event as InstallOffer);
  });
  addEventListener('appinstalled', () => set(undefined));
  return install;
}
