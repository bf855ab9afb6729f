import type { Classifier, Explanation, ExplainOptions, Score, ScoreOptions, Span } from './classifier.js';
import { DirectModel, loadRaw } from './direct-model.js';
import type { ByteflowError } from './errors.js';
import { requireLabel } from './labels.js';
import type { RuntimeOptions } from './loader.js';
import type { ModelRequest } from './model-file.js';
import type { RawClassifier } from './runtime.js';
import { utf16Offsets, utf8Length } from './utf8.js';

/** Loads a model that runs on this thread; `workerFault` says why, where it should have been a worker. */
export async function loadDirectly(request: ModelRequest, options: RuntimeOptions, workerFault?: ByteflowError): Promise<DirectClassifier> {
  return new DirectClassifier(await loadRaw('Classifier', request, options), workerFault);
}

// Longer work gives way to the page's events this often: 50 ms is the longest task a page does not feel (RAIL).
const longestTask = 50;

/** A model on the thread of its caller. */
export class DirectClassifier<Label extends string = string> extends DirectModel<RawClassifier> implements Classifier<Label> {
  readonly labels: readonly Label[];
  readonly thresholds: Readonly<Record<Label, number>>;

  constructor(raw: RawClassifier, workerFault: ByteflowError | undefined) {
    super(raw, workerFault);
    this.labels = Array.from({ length: raw.labelCount() }, (_, i) => raw.label(i) as Label);
    this.thresholds = this.#byLabel(raw.thresholds());
  }

  score(text: string, options?: ScoreOptions): Promise<Score<Label>>;
  score(texts: readonly string[], options?: ScoreOptions): Promise<Score<Label>[]>;
  score(texts: string | readonly string[], options?: ScoreOptions): Promise<Score<Label> | Score<Label>[]>;
  async score(texts: string | readonly string[], { signal }: ScoreOptions = {}): Promise<Score<Label> | Score<Label>[]> {
    signal?.throwIfAborted();
    this.alive();
    if (!Array.isArray(texts)) return this.#score(texts as string, 'the text');
    const scores: Score<Label>[] = [];
    let started = performance.now();
    for (const [i, text] of texts.entries()) {
      if (performance.now() - started > longestTask) {
        await new Promise((resume) => setTimeout(resume));
        signal?.throwIfAborted();
        started = performance.now();
      }
      scores.push(this.#score(text, `texts[${i}]`));
    }
    return scores;
  }

  async logits(text: string, { signal }: ScoreOptions = {}): Promise<Float32Array<ArrayBuffer>> {
    signal?.throwIfAborted();
    const raw = this.alive();
    raw.score(this.encode(raw, text, 'the text').written);
    return Float32Array.from(raw.logits());
  }

  async explain(text: string, { label = this.labels[0]!, signal }: ExplainOptions<Label> = {}): Promise<Explanation<Label>> {
    signal?.throwIfAborted();
    const raw = this.alive();
    requireLabel(label, this.labels);
    const { read, written } = this.encode(raw, text, 'the text');
    raw.explain(written, this.labels.indexOf(label));
    const [probability, rest, ...words] = raw.explanation() as unknown as [number, number, ...number[]];
    const offset = utf16Offsets(text);
    const spans: Span[] = [];
    for (let i = 0; i < words.length; i += 3) {
      const start = offset(words[i]!);
      const end = offset(words[i + 1]!);
      spans.push({ start, end, text: text.slice(start, end), weight: words[i + 2]! });
    }
    return { label, probability, spans, rest, ...extent(text, read, written) };
  }

  async fingerprint({ signal }: ScoreOptions = {}): Promise<string> {
    signal?.throwIfAborted();
    return this.alive().fingerprint();
  }

  #score(text: string, what: string): Score<Label> {
    const raw = this.alive();
    const { read, written } = this.encode(raw, text, what);
    raw.score(written);
    return { labels: this.#byLabel(raw.probabilities()), ...extent(text, read, written) };
  }

  #byLabel(values: Float32Array): Record<Label, number> {
    return Object.fromEntries(this.labels.map((label, i) => [label, values[i]])) as Record<Label, number>;
  }
}

/** How long a text is, and whether all of it was read: `read` UTF-16 units, which are `written` bytes. */
function extent(text: string, read: number, written: number): Pick<Score, 'bytes' | 'truncated'> {
  return { bytes: written + utf8Length(text, read), truncated: read < text.length };
}
