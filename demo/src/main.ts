import { byId, element } from './page/dom.js';
import { goOffline } from './page/offline.js';
import { showProblem } from './page/problem.js';
import { Tabs } from './page/tabs.js';
import { listenForUnveiling } from './page/veil.js';
import { type Install, watchForInstall } from './page/install.js';
import { RequestLog } from './requests/request-log.js';

const requests = new RequestLog(); // first: nothing is to be missed
const install = watchForInstall();

/** The script of a tab, loaded when it is opened for the first time. It listens from the moment that start is called. */
const scripts: Record<string, () => Promise<{ start: (requests: RequestLog, install: Install) => Promise<void> }>> = {
  score: () => import('./score/score-tab.js'),
  rewrite: () => import('./rewrite/rewrite-tab.js'),
  correct: () => import('./correct/correct-tab.js'),
  bulk: () => import('./bulk/bulk-tab.js'),
  bench: () => import('./bench/bench-tab.js'),
  about: () => import('./about/about-tab.js'),
};

const started = new Set<string>();

async function open(name: string): Promise<void> {
  if (started.has(name)) return;
  started.add(name);
  const panel = byId(`panel-${name}`);
  try {
    panel.inert = true; // or what is pressed or dropped before its script has come would be lost
    const script = await scripts[name]?.().finally(() => (panel.inert = false));
    await script?.start(requests, install);
  } catch (error) {
    started.delete(name); // opened again, it tries again
    const place = element('p', 'error');
    place.role = 'alert';
    panel.prepend(place);
    showProblem(place, error);
  }
}

listenForUnveiling();
new Tabs(byId('tabs'), (name) => void open(name));
addEventListener('load', () => void goOffline(byId('offline-state'), byId<HTMLButtonElement>('update')));
