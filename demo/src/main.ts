import { type Backend, backends, ByteflowError, type Classifier, isSupported, loadClassifier } from 'byteflow';
import { type Sample, samples } from './samples.js';
import { readable, ScoreView } from './score-view.js';
import { Veil } from './veil.js';
import { WordsView } from './words-view.js';

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

const box = byId<HTMLTextAreaElement>('text');
const explained = byId<HTMLSelectElement>('label');
const veil = new Veil(box, byId('words'));
const view = new ScoreView(byId('scores'), byId('summary'));
const words = new WordsView(byId('words'));
let classifier: Classifier | undefined;
let loading = new AbortController();

async function load(backend?: Backend): Promise<void> {
  loading.abort(); // the last choice wins
  loading = new AbortController();
  const loaded = await loadClassifier('toxicity', {
    backend,
    signal: loading.signal,
    onProgress: ({ phase, loaded, total }) => {
      if (phase === 'model') byId('time').textContent = total ? `Loading the model, ${Math.round((100 * loaded) / total)}%` : 'Loading the model';
    },
  });
  classifier?.dispose();
  classifier = loaded;
  showBackends(loaded.backend);
  if (explained.length === 0) explained.append(...loaded.labels.map((label) => new Option(readable(label), label)));
  await loaded.score('warm'); // so that the first time shown is not that of compiling
  await score();
}

async function score(): Promise<void> {
  if (classifier === undefined) return;
  const text = box.value;
  const started = performance.now();
  const scoring = classifier.score(text).then((result) => ({ result, time: performance.now() - started }));
  const [{ result, time }, explanation] = await Promise.all([scoring, classifier.explain(text, { label: explained.value })]);
  view.show(result, classifier.thresholds);
  if (text === box.value) words.show(text, explanation); // else it may be one that was veiled
  byId('time').textContent = `${time < 0.1 ? 'under 0.1' : time.toFixed(1)} ms on ${classifier.backend}`;
  byId('size').textContent = `${result.bytes.toLocaleString('en')} ${result.bytes === 1 ? 'byte' : 'bytes'}${result.truncated ? `; only the first ${classifier.maxBytes} are read` : ''}`;
}

function report(error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return;
  if (error instanceof ByteflowError && error.code === 'disposed') return; // another backend was chosen meanwhile
  const message = byId('error');
  message.hidden = false;
  message.textContent = error instanceof ByteflowError ? error.message : String(error);
}

function addSample({ kind, text, rude }: Sample): void {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'sample';
  const title = document.createElement('strong');
  title.textContent = kind;
  const preview = document.createElement('span');
  preview.textContent = text;
  if (rude) {
    preview.className = 'rude';
    preview.ariaHidden = 'true';
  }
  button.append(title, preview);
  button.addEventListener('click', () => {
    veil.show(text, rude);
    score().catch(report);
  });
  document.querySelector('.samples')?.append(button);
}

// Relaxed SIMD is not exact everywhere: whether it can be chosen is known when the best backend has been loaded.
function showBackends(running: Backend): void {
  if (byId('backends').querySelector('input') === null) {
    const able = backends.slice(backends.indexOf(running));
    for (const backend of backends) addBackend(backend, backend === running, able.includes(backend) && isSupported(backend));
  }
}

function addBackend(backend: Backend, chosen: boolean, able: boolean): void {
  const choice = document.createElement('label');
  const radio = document.createElement('input');
  radio.type = 'radio';
  radio.name = 'backend';
  radio.value = backend;
  radio.checked = chosen;
  radio.disabled = !able;
  radio.addEventListener('change', () => load(backend).catch(report));
  choice.append(radio, backend);
  byId('backends').append(choice);
}

for (const sample of samples) addSample(sample);
box.addEventListener('input', () => {
  veil.typed();
  score().catch(report);
});
explained.addEventListener('change', () => score().catch(report));
load().catch(report);
