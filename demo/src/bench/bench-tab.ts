import { backends } from 'byteflow';
import { byId, element } from '../page/dom.js';
import { showProblem } from '../page/problem.js';
import { machineFacts } from './machine.js';
import { type Measured, measure } from './measure.js';
import { ResultsView } from './results-view.js';
import { comments, lengths } from './sentences.js';

export async function start(): Promise<void> {
  let running = new AbortController();
  let results: Measured[] = [];
  const view = new ResultsView();
  const status = byId('bench-status');

  async function run(): Promise<void> {
    running = new AbortController();
    const { signal } = running;
    results = [];
    byId('bench-problem').hidden = true;
    setRunning(true);
    let wasHidden = document.hidden;
    const watch = (): void => void (wasHidden ||= document.hidden);
    document.addEventListener('visibilitychange', watch);
    try {
      for (const [i, backend] of backends.entries()) {
        status.textContent = `Timing ${backend}`;
        results.push(await measure(backend, signal, (share) => (byId<HTMLProgressElement>('bench-bar').value = (i + share) / backends.length)));
        view.show(results);
      }
      status.textContent = wasHidden ? 'Done, but the page was out of sight for a while: browsers slow it down then, so run it again.' : 'Done. Other programs that ran meanwhile count too.';
      byId('bench-copy').hidden = false;
    } catch (error) {
      status.textContent = 'Stopped';
      showProblem(byId('bench-problem'), error);
    } finally {
      document.removeEventListener('visibilitychange', watch);
      setRunning(false);
    }
  }

  byId('machine').append(...machineFacts().map(([name, value]) => element('div', '', element('dt', '', name), element('dd', '', value))));
  byId('bench-start').addEventListener('click', () => void run());
  byId('bench-stop').addEventListener('click', () => running.abort());
  byId('bench-copy').addEventListener('click', () => {
    const figures = results.map(({ bits: _, ...rest }) => rest);
    const report = { date: new Date().toISOString(), machine: Object.fromEntries(machineFacts()), userAgent: navigator.userAgent, comments: comments.length, lengths, results: figures };
    navigator.clipboard.writeText(JSON.stringify(report, null, 2)).then(
      () => (status.textContent = 'Copied'),
      (error: unknown) => showProblem(byId('bench-problem'), error),
    );
  });
}

function setRunning(isRunning: boolean): void {
  const [begin, stop] = [byId<HTMLButtonElement>('bench-start'), byId('bench-stop')];
  begin.hidden = isRunning;
  stop.hidden = !isRunning;
  (isRunning ? stop : begin).focus(); // the one that had the focus is gone
  byId('bench-bar').hidden = !isRunning;
}
