import { type Backend, backends, isSupported } from 'byteflow';
import { switchBackend, type Toxicity, toxicity } from '../models/toxicity.js';
import { byId, element } from '../page/dom.js';
import { count, readable } from '../page/figures.js';
import { showProblem } from '../page/problem.js';
import { type Sample, sampleButton } from '../page/sample-button.js';
import { cover } from '../page/veil.js';
import { samples } from './samples.js';
import { ScoreView } from './score-view.js';
import { WordsView } from './words-view.js';

export async function start(): Promise<void> {
  const box = byId<HTMLTextAreaElement>('text');
  const explained = byId<HTMLSelectElement>('label');
  const view = new ScoreView(byId('scores'), byId('verdict'), byId('summary'));
  const words = new WordsView(byId('words'));
  const report = (error: unknown): void => showProblem(byId('score-problem'), error);
  let model: Toxicity | undefined;

  async function use(loading: Promise<Toxicity>): Promise<void> {
    const loaded = await loading;
    await loaded.score('warm'); // so that the first time shown is not that of compiling
    model = loaded;
    await score();
  }

  async function score(): Promise<void> {
    if (model === undefined) return;
    const text = box.value;
    const { backend, thresholds, maxBytes } = model;
    const started = performance.now();
    const scoring = model.score(text).then((result) => ({ result, time: performance.now() - started }));
    const [{ result, time }, explanation] = await Promise.all([scoring, model.explain(text, { label: explained.value as keyof typeof thresholds })]);
    if (text !== box.value) return; // the scores of a newer text are on their way, and what was shown may be veiled now
    view.show(result, thresholds, text.trim() === '');
    words.show(text, explanation);
    byId('time').textContent = `${time < 0.1 ? 'under 0.1' : time.toFixed(1)} ms on ${backend}`;
    byId('size').textContent = `${count(result.bytes, 'byte')}${result.truncated ? `; only the first ${maxBytes} are read` : ''}`;
  }

  function showSample({ text, rude }: Sample): void {
    box.value = text;
    byId('words').replaceChildren(); // what it showed may be rude, and no longer covered
    for (const place of [box, byId('words')]) cover(place, rude);
    score().catch(report);
  }

  byId('samples').append(...samples.map((sample) => sampleButton(sample, () => showSample(sample))));
  box.addEventListener('input', () => {
    for (const place of [box, byId('words')]) cover(place, false); // the writer's own now
    score().catch(report);
  });
  explained.addEventListener('change', () => score().catch(report));

  const loading = toxicity(({ phase, loaded, total }) => {
    if (phase === 'model') byId('time').textContent = total ? `Loading the model, ${Math.round((100 * loaded) / total)}%` : 'Loading the model';
  });
  try {
    const { labels, backend } = await loading;
    explained.append(...labels.map((label) => new Option(readable(label), label)));
    showBackends(backend, (backend) => use(switchBackend(backend)).catch(report));
    await use(loading);
  } catch (error) {
    byId('time').textContent = 'No model';
    report(error);
  }
}

// Relaxed SIMD is not exact everywhere: whether it can be chosen is known when the best backend has been loaded.
function showBackends(running: Backend, onChoice: (backend: Backend) => void): void {
  const able = backends.slice(backends.indexOf(running));
  for (const backend of backends) {
    const radio = element('input');
    radio.type = 'radio';
    radio.name = 'backend';
    radio.value = backend;
    radio.checked = backend === running;
    radio.disabled = !(able.includes(backend) && isSupported(backend));
    radio.addEventListener('change', () => onChoice(backend));
    byId('backends').append(element('label', '', radio, backend));
  }
}
