import { byId, element } from '../page/dom.js';
import { byteSize, count } from '../page/figures.js';
import type { Install } from '../page/install.js';
import { showProblem } from '../page/problem.js';
import type { Request } from '../requests/report-requests.js';
import type { RequestLog } from '../requests/request-log.js';

export async function start(log: RequestLog, install: Install): Promise<void> {
  let isDrawn = false;
  const draw = (): void => {
    if (isDrawn) return; // requests come in swarms
    isDrawn = true;
    requestAnimationFrame(() => {
      isDrawn = false;
      showRequests(log.requests);
      void showKept();
    });
  };
  log.addEventListener('change', draw);
  draw();

  const showNetwork = (): string => (byId('about-network').textContent = navigator.onLine ? 'there is one; it is not needed' : 'none');
  addEventListener('online', showNetwork);
  addEventListener('offline', showNetwork);
  showNetwork();
  if ('serviceWorker' in navigator) {
    void navigator.serviceWorker.ready.then(() => {
      byId('about-offline').textContent = 'ready: every file of this page is kept, models included';
      draw();
    });
  } else byId('about-offline').textContent = 'not possible here: the page came without encryption, or the browser forbids it';

  const showOffer = (): void => {
    byId('install').hidden = install.offer === undefined;
    byId('install-hint').hidden = install.offer !== undefined;
  };
  install.addEventListener('change', showOffer);
  showOffer();
  byId('install').addEventListener('click', () => install.offer?.prompt().catch((error: unknown) => showProblem(byId('about-problem'), error)));
}

function showRequests(requests: readonly Request[]): void {
  const foreign = requests.filter(({ url }) => new URL(url).origin !== location.origin);
  const network = requests.filter(({ isNetwork }) => isNetwork);
  const answer = byId('left');
  answer.dataset.kind = foreign.length > 0 ? 'likely' : 'fine';
  answer.textContent = foreign.length > 0 ? `${count(foreign.length, 'request')} to other addresses` : 'Nothing';
  byId('left-why').textContent =
    foreign.length > 0
      ? 'This page makes none by itself; an extension of your browser may have.'
      : `Since the page was opened there were ${count(requests.length, 'request')}, all for the page's own files. None carries what you write.`;
  byId('requests-summary').textContent = `All ${count(requests.length, 'request')}, ${network.length} over the network`;
  byId('requests').replaceChildren(
    ...requests.map(({ url, by, isNetwork, bytes }) => {
      const { origin, pathname } = new URL(url);
      const isOwn = origin === location.origin;
      const row = element(
        'tr',
        isOwn ? '' : 'foreign',
        element('td', 'address', isOwn ? (pathname.split('/').at(-1) || 'the page') : url),
        element('td', '', by),
        element('td', '', isNetwork ? (isOwn ? 'network, this site' : 'network, elsewhere') : 'this device'),
        element('td', '', bytes > 0 ? byteSize(bytes) : ''),
      );
      row.title = url;
      return row;
    }),
  );
}

async function showKept(): Promise<void> {
  const { usage } = (await navigator.storage?.estimate?.()) ?? {};
  if (usage !== undefined) byId('about-storage').textContent = `${byteSize(usage)}: the page, its models, no text of yours`;
}
