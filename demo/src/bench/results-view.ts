import { axis, Chart, type Colours } from '../page/chart.js';
import { byId, element } from '../page/dom.js';
import type { Measured } from './measure.js';
import { comments, lengths } from './sentences.js';

const lineColours = ({ accent, likely, faint }: Colours): string[] => [accent, likely, faint];

// Three figures that count, as 12,300 or 0.0812.
const figure = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 });

/** Bars, lines and a table of what was measured. */
export class ResultsView {
  readonly #chart = new Chart(byId('lengths-chart'), 220, (colours) => ({
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: [0, lengths.at(-1)! * 1.03] }, y: { distr: 3 } },
    axes: [axis(colours, { values: (_, splits) => splits.map((split) => `${split} B`) }), axis(colours, { size: 64, values: (_, splits) => splits.map((split) => (split === null ? '' : `${figure(split)} ms`)) })],
    series: [{}, ...lineColours(colours).map((stroke, i) => ({ stroke, width: 2, ...(i === 2 ? { dash: [6, 4] } : {}), points: { size: 6, fill: stroke } }))],
  }));

  show(results: readonly Measured[]): void {
    byId('bench-results').hidden = false;
    this.#showRates(results);
    this.#showLengths(results);
    byId('bench-mix').textContent = `${comments.length} comments of ${comments[0]!.length} to ${comments.at(-1)!.length} bytes, over and over, in one worker.`;
    const bits = results.flatMap(({ bits }) => bits ?? []);
    const isSame = new Set(bits).size === 1;
    byId('bench-bits').textContent = bits.length < 2 ? '' : isSame ? `All outputs of these ${bits.length} backends are the same, bit by bit.` : 'The outputs of these backends differ: that is a bug, please report it.';
  }

  #showRates(results: readonly Measured[]): void {
    const most = Math.max(...results.map(({ commentsPerSecond = 0 }) => commentsPerSecond));
    byId('rates').replaceChildren(
      ...results.map(({ backend, fault, commentsPerSecond }) => {
        const name = element('strong', '', backend);
        if (commentsPerSecond === undefined) return element('li', '', name, element('span', 'hint', fault ?? ''));
        const bar = element('span', 'meter');
        bar.style.setProperty('--share', String(commentsPerSecond / most));
        return element('li', '', element('span', 'row', name, element('span', 'figure', figure(commentsPerSecond))), bar);
      }),
    );
  }

  #showLengths(results: readonly Measured[]): void {
    const measured = results.filter(({ milliseconds }) => milliseconds !== undefined);
    if (measured.length === 0) return;
    this.#chart.show([[...lengths], ...[0, 1, 2].map((i) => measured[i]?.milliseconds ?? lengths.map(() => null))]);
    byId('lengths-legend').replaceChildren(...measured.map(({ backend }) => element('li', '', backend)));
    const heading = (text: string): HTMLElement => Object.assign(element('th', '', text), { scope: 'col' });
    const rowHeading = (text: string): HTMLElement => Object.assign(element('th', '', text), { scope: 'row' });
    byId('lengths-table').replaceChildren(
      element('caption', 'visually-hidden', 'Milliseconds for a comment'),
      element('thead', '', element('tr', '', heading('bytes'), ...measured.map(({ backend }) => heading(`${backend}, ms`)))),
      element('tbody', '', ...lengths.map((length, i) => element('tr', '', rowHeading(String(length)), ...measured.map(({ milliseconds }) => element('td', '', figure(milliseconds![i]!)))))),
    );
  }
}
