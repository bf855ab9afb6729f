import type { Classifier, Score } from 'byteflow';
import { element } from '../page/dom.js';
import { percent, readable } from '../page/figures.js';

interface Row {
  meter: HTMLElement;
  figure: HTMLElement;
}

// The summary for screen readers waits until typing pauses this long, in ms.
const pause = 800;

/** The list of labels, each with a bar and a figure, and a sentence that says what they come to. */
export class ScoreView {
  readonly #rows = new Map<string, Row>();
  #timer = 0;

  constructor(
    private readonly list: HTMLElement,
    private readonly verdict: HTMLElement,
    private readonly summary: HTMLElement,
  ) {}

  show({ labels }: Score, thresholds: Classifier['thresholds'], isBlank: boolean): void {
    const scores = Object.entries(labels);
    for (const [label, probability] of scores) this.#fill(this.#rows.get(label) ?? this.#add(label, thresholds[label]!), probability, probability >= thresholds[label]!);
    const flagged = scores.filter(([label, probability]) => probability >= thresholds[label]!).map(([label]) => readable(label));
    this.verdict.dataset.kind = isBlank ? 'none' : flagged.length > 0 ? 'likely' : 'fine';
    this.verdict.textContent = isBlank ? 'Nothing to read yet' : flagged.length > 0 ? `Above the threshold: ${flagged.join(', ')}` : 'Below every threshold';
    const [label, probability] = scores.reduce((best, next) => (next[1] > best[1] ? next : best));
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => (this.summary.textContent = `${this.verdict.textContent}. Highest: ${readable(label)}, ${percent(probability)}`), pause);
  }

  #add(label: string, threshold: number): Row {
    const meter = element('span', 'meter');
    meter.role = 'meter';
    meter.ariaLabel = readable(label);
    meter.ariaValueMin = '0';
    meter.ariaValueMax = '1';
    meter.style.setProperty('--threshold', String(threshold));
    const figure = element('span', 'figure');
    figure.ariaHidden = 'true'; // the meter says it
    const item = element('li', 'label-score', element('span', 'label', readable(label)), meter, figure);
    item.dataset.label = label;
    item.title = `counts from ${percent(threshold)} on`;
    this.list.append(item);
    const row = { meter, figure };
    this.#rows.set(label, row);
    return row;
  }

  #fill({ meter, figure }: Row, probability: number, isLikely: boolean): void {
    meter.ariaValueNow = String(probability);
    meter.ariaValueText = `${percent(probability)}${isLikely ? ', above its threshold' : ''}`;
    meter.style.setProperty('--share', String(probability));
    meter.classList.toggle('likely', isLikely);
    figure.textContent = percent(probability);
  }
}
