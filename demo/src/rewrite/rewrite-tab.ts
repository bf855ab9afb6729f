import { civilFirst, type Generator, type RatedCandidate } from 'byteflow';
import { generator } from '../models/generators.js';
import { ModelNotice } from '../models/model-notice.js';
import { type Toxicity, toxicity } from '../models/toxicity.js';
import { button, byId, element } from '../page/dom.js';
import { count, percent } from '../page/figures.js';
import { showProblem } from '../page/problem.js';
import { sampleButton } from '../page/sample-button.js';
import { cover } from '../page/veil.js';
import { changes } from './changes.js';
import { DraftsView } from './drafts-view.js';
import { rudeSamples } from './samples.js';

const name = 'civil-rewrite';

export async function start(): Promise<void> {
  const notice = new ModelNotice(byId('rewrite-notice'), name);
  const work = byId('rewrite-work');
  try {
    const [writer, judge] = await Promise.all([generator(name, notice.loading), toxicity()]);
    notice.ready();
    work.hidden = false;
    new RewriteTab(writer, judge.labels[0]!);
  } catch (error) {
    notice.isMissing(error);
  }
}

class RewriteTab {
  readonly #box = byId<HTMLTextAreaElement>('rude');
  readonly #beams = byId<HTMLSelectElement>('beams');
  readonly #drafts = new DraftsView(byId('drafts'), byId('steps'), byId<HTMLInputElement>('step'), byId<HTMLButtonElement>('replay'));
  #running = new AbortController();
  #isSample = false;
  #before = { text: '', isSample: false }; // what a rewrite that was picked has replaced

  constructor(
    private readonly writer: Generator,
    private readonly label: keyof Toxicity['thresholds'],
  ) {
    const most = this.writer.maxBeams;
    this.#beams.append(...[1, 2, 4, 8].filter((beams) => beams <= most).map((beams) => new Option(String(beams), String(beams), false, beams === Math.min(4, most))));
    byId('rude-samples').append(...rudeSamples.map((sample) => sampleButton(sample, () => void this.#take(sample.text, sample.rude))));
    this.#box.addEventListener('input', () => {
      this.#isSample = false;
      cover(this.#box, false); // the writer's own now
      void this.#judge();
    });
    this.#box.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void this.#rewrite();
    });
    byId('rewrite-start').addEventListener('click', () => void this.#rewrite());
    byId('rewrite-stop').addEventListener('click', () => this.#running.abort());
    byId('rewrite-undo').addEventListener('click', () => {
      void this.#take(this.#before.text, this.#before.isSample);
      this.#box.focus();
    });
    void this.#judge();
  }

  async #take(text: string, isSample: boolean): Promise<void> {
    this.#isSample = isSample;
    byId('rewrite-undo').hidden = true;
    this.#box.value = text;
    cover(this.#box, isSample);
    await this.#judge();
  }

  /** Scores what is in the box. */
  async #judge(): Promise<void> {
    try {
      const text = this.#box.value;
      const judge = await toxicity();
      const { labels } = await judge.score(text);
      if (text !== this.#box.value) return;
      byId('rude-judged').replaceChildren(toxicityMeter(labels[this.label], judge.thresholds[this.label]));
      const bytes = new TextEncoder().encode(text).length;
      const { maxBytes } = this.writer;
      byId('rude-size').textContent = `${count(bytes, 'byte')}${bytes > maxBytes ? `; only the first ${maxBytes} are rewritten` : ''}`;
    } catch (error) {
      showProblem(byId('rewrite-problem'), error);
    }
  }

  async #rewrite(): Promise<void> {
    const text = this.#box.value;
    if (text.trim() === '') return this.#box.focus();
    this.#running.abort();
    this.#running = new AbortController();
    const { signal } = this.#running;
    byId('rewrite-problem').hidden = true;
    byId('candidates').replaceChildren();
    byId('candidates-hint').textContent = 'Writing';
    this.#drafts.begin(this.#isSample);
    setRunning(true);
    try {
      const started = performance.now();
      const onStep = (beams: Parameters<DraftsView['add']>[0]): void => void (signal.aborted || this.#drafts.add(beams));
      const { candidates, truncated } = await this.writer.generate(text, { beams: Number(this.#beams.value), signal, onStep });
      const time = performance.now() - started;
      const judge = await toxicity();
      const rated = await civilFirst(candidates, judge, { signal });
      byId('rewrite-time').textContent = `${time.toFixed(0)} ms on ${this.writer.backend}`;
      this.#show(rated, text, judge.thresholds[this.label]);
      if (truncated) byId('candidates-hint').textContent += ` Only the first ${this.writer.maxBytes} bytes of the sentence were read.`;
    } catch (error) {
      if (signal === this.#running.signal) byId('candidates-hint').textContent = signal.aborted ? 'Stopped.' : '';
      showProblem(byId('rewrite-problem'), error);
    } finally {
      if (signal === this.#running.signal) {
        this.#drafts.end();
        setRunning(false);
      }
    }
  }

  #show(candidates: readonly RatedCandidate[], text: string, threshold: number): void {
    byId('candidates').replaceChildren(...candidates.map((candidate) => this.#candidate(candidate, text, threshold)));
    const civil = candidates.filter(({ toxicity }) => toxicity < threshold).length;
    byId('candidates-hint').textContent = 'Civil ones first; the figure of the model is the logarithm of its probability, for its length. What is new is underlined.';
    byId('rewrite-summary').textContent = `${count(candidates.length, 'rewrite')}, ${civil} of them below the threshold`;
  }

  #candidate({ text, score, toxicity, complete }: RatedCandidate, before: string, threshold: number): HTMLElement {
    const pieces = changes(before, text).map(({ text, isNew }) => (isNew ? element('ins', '', text) : text));
    const written = element('p', 'written', ...(text === '' ? ['(an empty text)'] : pieces), complete ? '' : ' …');
    cover(written, toxicity >= threshold);
    const pick = button('side-button', 'Use this', () => {
      this.#before = { text: this.#box.value, isSample: this.#isSample };
      void this.#take(text, toxicity >= threshold);
      byId('rewrite-undo').hidden = false;
    });
    const copy = button('side-button', 'Copy', () => {
      navigator.clipboard.writeText(text).then(
        () => (copy.textContent = 'Copied'),
        (error: unknown) => showProblem(byId('rewrite-problem'), error),
      );
    });
    const facts = element('div', 'row', element('span', 'hint', `model ${score.toFixed(2)}`), element('div', 'buttons', pick, copy));
    return element('li', 'candidate', written, toxicityMeter(toxicity, threshold), facts);
  }
}

function toxicityMeter(probability: number, threshold: number): HTMLElement {
  const isLikely = probability >= threshold;
  const meter = element('span', isLikely ? 'meter likely' : 'meter');
  meter.role = 'meter';
  meter.ariaLabel = 'toxicity';
  meter.ariaValueMin = '0';
  meter.ariaValueMax = '1';
  meter.ariaValueNow = String(probability);
  meter.ariaValueText = `${percent(probability)}${isLikely ? ', above its threshold' : ''}`;
  meter.style.setProperty('--share', String(probability));
  meter.style.setProperty('--threshold', String(threshold));
  const figure = element('span', 'figure', percent(probability));
  figure.ariaHidden = 'true'; // the meter says it
  return element('div', 'one-meter', element('span', '', 'toxicity'), meter, figure);
}

function setRunning(isRunning: boolean): void {
  const [begin, stop] = [byId('rewrite-start'), byId('rewrite-stop')];
  const hadFocus = [begin, stop].includes(document.activeElement as HTMLElement);
  begin.hidden = isRunning;
  stop.hidden = !isRunning;
  if (hadFocus) (isRunning ? stop : begin).focus(); // the one that had it is gone
}
