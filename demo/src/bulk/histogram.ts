import uPlot from 'uplot';
import { axis, Chart } from '../page/chart.js';
import { count, percent } from '../page/figures.js';

/** How many comments have which score. The upright axis is of square roots: else the many that are harmless would hide the rest. */
export class Histogram {
  readonly #chart: Chart;
  #threshold = 1;

  constructor(
    private readonly place: HTMLElement,
    private readonly hint: HTMLElement,
  ) {
    this.#chart = new Chart(place, 200, (colours) => ({
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: [0, 1] },
        y: { distr: 100, fwd: Math.sqrt, bwd: (root) => root * root, range: (_, __, most) => [0, Math.max(1, most)] },
      },
      axes: [
        axis(colours, { grid: { show: false }, values: (_, splits) => splits.map((split) => `${Math.round(split * 100)}%`) }),
        axis(colours, { size: 56, splits: (_, __, ___, most) => splitsUpTo(most), filter: (_, splits) => splits, values: (_, splits) => splits.map((split) => split.toLocaleString('en')) }),
      ],
      series: [
        {},
        // One for what is below the threshold, one for what counts.
        { fill: colours.accent, width: 0, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.86], radius: 0.15 }) },
        { fill: colours.likely, width: 0, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.86], radius: 0.15 }) },
      ],
    }));
  }

  show(counts: readonly number[], flagged: number, threshold: number, label: string): void {
    this.#threshold = threshold;
    const middles = counts.map((_, i) => (i + 0.5) / counts.length);
    const counted = (wanted: boolean): (number | null)[] => counts.map((number, i) => (middles[i]! >= this.#threshold === wanted && number > 0 ? number : null));
    this.#chart.show([middles, counted(false), counted(true)]);
    const all = counts.reduce((sum, number) => sum + number, 0);
    this.hint.textContent = `${flagged.toLocaleString('en')} of ${count(all, 'comment')} (${percent(all === 0 ? 0 : flagged / all)}) reach the threshold of ${percent(threshold)} for ${label}. The upright axis is of square roots.`;
    this.place.ariaLabel = `Histogram of scores: ${this.hint.textContent}`;
  }
}

// Round numbers at even steps of the square root.
function splitsUpTo(most: number): number[] {
  const shares = [0, 1 / 16, 1 / 4, 9 / 16, 1].map((share) => share * most);
  const round = (value: number): number => {
    const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
    return Math.floor(value / unit) * unit;
  };
  return [...new Set(shares.map(round))];
}
