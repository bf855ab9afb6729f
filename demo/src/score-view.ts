import type { Classifier, Score } from 'byteflow';

interface Row {
  meter: HTMLElement;
  figure: HTMLElement;
}

// The summary for screen readers waits until typing pauses this long, in ms.
const pause = 800;

/** The list of labels, each with a bar and a figure. */
export class ScoreView {
  readonly #rows = new Map<string, Row>();
  #timer = 0;

  constructor(
    private readonly list: HTMLElement,
    private readonly summary: HTMLElement,
  ) {}

  show({ labels }: Score, thresholds: Classifier['thresholds']): void {
    const scores = Object.entries(labels);
    for (const [label, probability] of scores) this.#fill(this.#rows.get(label) ?? this.#add(label), probability, probability >= thresholds[label]!);
    const [label, probability] = scores.reduce((best, next) => (next[1] > best[1] ? next : best));
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => (this.summary.textContent = `Highest: ${readable(label)}, ${percent(probability)}`), pause);
  }

  #add(label: string): Row {
    const name = element('span', 'label', readable(label));
    const meter = element('span', 'meter');
    meter.role = 'meter';
    meter.ariaLabel = readable(label);
    meter.ariaValueMin = '0';
    meter.ariaValueMax = '1';
    const figure = element('span', 'figure');
    figure.ariaHidden = 'true'; // the meter says it
    const item = element('li', 'score');
    item.dataset.label = label;
    item.append(name, meter, figure);
    this.list.append(item);
    const row = { meter, figure };
    this.#rows.set(label, row);
    return row;
  }

  #fill({ meter, figure }: Row, probability: number, isLikely: boolean): void {
    meter.ariaValueNow = String(probability);
    meter.ariaValueText = percent(probability);
    meter.style.setProperty('--share', String(probability));
    meter.classList.toggle('likely', isLikely);
    figure.textContent = percent(probability);
  }
}

export const readable = (label: string): string => label.replaceAll('_', ' ');

// A tenth of a percent near the ends, where it matters: 99.7% is not 100%.
const percent = (probability: number): string => `${(100 * probability).toFixed(Math.abs(probability - 0.5) > 0.4 ? 1 : 0)}%`;

function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
