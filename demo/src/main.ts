import { byId, element } from './page/dom.js';
import { goOffline } from './page/offline.js';
import { showProblem } from './page/problem.js';
import { Tabs } from './page/tabs.js';
import { listenForUnveiling } from './page/veil.js';
import { watchForInstall } from './page/install.js';
import { RequestLog } from './requests/request-log.js';

const requests = new RequestLog(); // first: nothing is to be missed
const install = watchForInstall();

/** What a tab does when it is opened for the first time. */
const starts: Record<string, () => Promise<void>> = {
  score: async () => (await import('./score/score-tab.js')).start(),
  rewrite: async () => (await import('./rewrite/rewrite-tab.js')).start(),
  correct: async () => (await import('./correct/correct-tab.js')).start(),
  bulk: async () => (await import('./bulk/bulk-tab.js')).start(),
  bench: async () => (await import('./bench/bench-tab.js')).start(),
  about: async () => (await import('./about/about-tab.js')).start(requests, install),
};

const started = new Set<string>();

async function open(name: string): Promise<void> {
  if (started.has(name)) return;
  started.add(name);
  try {
    await starts[name]?.();
  } catch (error) {
    started.delete(name); // opened again, it tries again
    const place = element('p', 'error');
    place.role = 'alert';
    byId(`panel-${name}`).prepend(place);
    showProblem(place, error);
  }
}

listenForUnveiling();
new Tabs(byId('tabs'), (name) => void open(name));
addEventListener('load', () => void goOffline(byId('offline-state'), byId<HTMLButtonElement>('update')));
