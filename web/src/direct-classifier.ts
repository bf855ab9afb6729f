import { untilAborted } from './abort.js';
import type { Backend } from './backend.js';
import type { Classifier, Explanation, ExplainOptions, Score, ScoreOptions, Span } from './classifier.js';
import { ByteflowError, disposed } from './errors.js';
import { loadRuntime, type RuntimeOptions } from './loader.js';
import { toCache } from './model-cache.js';
import { type ModelRequest, readModel } from './model-file.js';
import { inPhase } from './progress.js';
import type { RawClassifier } from './runtime.js';
import { requireText } from './text.js';
import { utf16Offsets, utf8Length } from './utf8.js';

// In the order of `enum class Code` in core/include/byteflow/status.h.
const statusCodes = ['ok', 'not-a-model', 'unsupported-version', 'invalid-model', 'invalid-argument', 'out-of-memory'] as const;

/** Loads a model that runs on this thread; `workerFault` says why, where it should have been a worker. */
export function loadDirectly(request: ModelRequest, options: RuntimeOptions, workerFault?: ByteflowError): Promise<DirectClassifier> {
  return untilAborted(load(request, options, workerFault), options.signal);
}

async function load(request: ModelRequest, options: RuntimeOptions, workerFault?: ByteflowError): Promise<DirectClassifier> {
  const { signal, onProgress } = options;
  const [{ bytes, origin, isCached }, runtime] = await Promise.all([readModel(request, { signal, onBytes: inPhase('model', onProgress) }), loadRuntime(options)]);
  signal?.throwIfAborted();

  const raw = runtime.Classifier.create(bytes.length);
  if (raw === null) throw new ByteflowError('out-of-memory', `${origin}: no memory for a model of ${bytes.length} bytes`);
  raw.modelBuffer().set(bytes);
  const code = statusCodes[raw.load()];
  if (code !== 'ok') {
    const fault = raw.errorMessage();
    raw.delete();
    throw new ByteflowError(code ?? 'invalid-model', `${origin}: ${fault}`);
  }
  // The relaxed module falls back to simd128 by itself where the engine's relaxed instructions would change a result.
  if (options.backend !== undefined && raw.backend() !== options.backend) {
    raw.delete();
    throw new ByteflowError('unsupported', `this engine's relaxed SIMD is not exact on this machine, so the relaxed backend cannot run; simd128 can`);
  }
  if (request.cacheKey !== undefined && !isCached) await toCache(request.cacheKey, bytes);
  return new DirectClassifier(raw, workerFault);
}

// Longer work gives way to the page's events this often: 50 ms is the longest task a page does not feel (RAIL).
const longestTask = 50;

/** A model on the thread of its caller. */
export class DirectClassifier<Label extends string = string> implements Classifier<Label> {
  #raw: RawClassifier | undefined;
  readonly #encoder = new TextEncoder();

  readonly model: string;
  readonly backend: Backend;
  readonly labels: readonly Label[];
  readonly thresholds: Readonly<Record<Label, number>>;
  readonly maxBytes: number;
  readonly inWorker = false;

  constructor(
    raw: RawClassifier,
    readonly workerFault: ByteflowError | undefined,
  ) {
    this.#raw = raw;
    this.model = raw.name();
    this.backend = raw.backend() as Backend;
    this.labels = Array.from({ length: raw.labelCount() }, (_, i) => raw.label(i) as Label);
    this.thresholds = this.#byLabel(raw.thresholds());
    this.maxBytes = raw.maxBytes();
  }

  score(text: string, options?: ScoreOptions): Promise<Score<Label>>;
  score(texts: readonly string[], options?: ScoreOptions): Promise<Score<Label>[]>;
  async score(texts: string | readonly string[], { signal }: ScoreOptions = {}): Promise<Score<Label> | Score<Label>[]> {
    signal?.throwIfAborted();
    this.#alive();
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
    const raw = this.#alive();
    raw.score(this.#encode(raw, text, 'the text').written);
    return Float32Array.from(raw.logits());
  }

  async explain(text: string, { label = this.labels[0]!, signal }: ExplainOptions<Label> = {}): Promise<Explanation<Label>> {
    signal?.throwIfAborted();
    const raw = this.#alive();
    const index = this.labels.indexOf(label);
    if (index < 0) throw new ByteflowError('invalid-argument', `label must be one of ${this.labels.join(', ')}, not ${JSON.stringify(label)}`);
    raw.explain(this.#encode(raw, text, 'the text').written, index);
    const [probability, rest, ...words] = raw.explanation() as unknown as [number, number, ...number[]];
    const offset = utf16Offsets(text);
    const spans: Span[] = [];
    for (let i = 0; i < words.length; i += 3) {
      const start = offset(words[i]!);
      const end = offset(words[i + 1]!);
      spans.push({ start, end, text: text.slice(start, end), weight: words[i + 2]! });
    }
    return { label, probability, spans, rest };
  }

  dispose(): void {
    this.#raw?.delete();
    this.#raw = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }

  #score(text: string, what: string): Score<Label> {
    const raw = this.#alive();
    const { read, written } = this.#encode(raw, text, what);
    raw.score(written);
    return { labels: this.#byLabel(raw.probabilities()), bytes: written + utf8Length(text, read), truncated: read < text.length };
  }

  // encodeInto stops where the next character no longer fits, which is the core's own rule for a long text.
  #encode(raw: RawClassifier, text: string, what: string): TextEncoderEncodeIntoResult {
    requireText(text, what);
    return this.#encoder.encodeInto(text, raw.textBuffer().subarray(0, this.maxBytes));
  }

  #byLabel(values: Float32Array): Record<Label, number> {
    return Object.fromEntries(this.labels.map((label, i) => [label, values[i]])) as Record<Label, number>;
  }

  #alive(): RawClassifier {
    if (this.#raw === undefined) throw disposed(this.model);
    return this.#raw;
  }
}
