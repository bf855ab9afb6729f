/** Registers the service worker, and says in an element whether the page would open without a network. */
export async function goOffline(place: HTMLElement): Promise<void> {
  const show = (state: string, text: string): void => {
    place.dataset.state = state;
    place.textContent = text;
  };
  const kept = (): void => (navigator.onLine ? show('ready', 'Ready offline') : show('offline', 'Offline'));
  if (!('serviceWorker' in navigator)) return show('missing', 'Online only'); // plain HTTP, or a private window
  try {
    show('waiting', 'Saving for offline');
    await navigator.serviceWorker.register('./service-worker.js');
    await navigator.serviceWorker.ready;
    kept();
    addEventListener('online', kept);
    addEventListener('offline', kept);
  } catch {
    show('missing', 'Online only');
  }
}
