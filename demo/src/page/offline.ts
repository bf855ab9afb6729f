/** Registers the service worker, says in an element whether the page would open without a network, and shows a button when a new version of the page waits. */
export async function goOffline(place: HTMLElement, update: HTMLButtonElement): Promise<void> {
  const show = (state: string, text: string): void => {
    place.dataset.state = state;
    place.textContent = text;
  };
  const kept = (): void => (navigator.onLine ? show('ready', 'Ready offline') : show('offline', 'Offline'));
  if (!('serviceWorker' in navigator)) return show('missing', 'Online only'); // plain HTTP, or a private window
  try {
    show('waiting', 'Saving for offline');
    const registration = await navigator.serviceWorker.register('./service-worker.js');
    offerUpdates(registration, update);
    await navigator.serviceWorker.ready;
    kept();
    addEventListener('online', kept);
    addEventListener('offline', kept);
  } catch {
    show('missing', 'Online only');
  }
}

/** A new version waits until somebody asks for it; then all windows take it, since the files of two versions do not mix. */
function offerUpdates(registration: ServiceWorkerRegistration, button: HTMLButtonElement): void {
  const look = (): void => void (button.hidden = !(registration.waiting && registration.active));
  const watch = (): void => registration.installing?.addEventListener('statechange', look);
  registration.addEventListener('updatefound', watch);
  watch();
  look();
  button.addEventListener('click', () => registration.waiting?.postMessage('take over'));
  let isFirst = navigator.serviceWorker.controller === null; // the first one takes over a page that is as new
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (!isFirst) location.reload();
    isFirst = false;
  });
}
