/// <reference lib="esnext.disposable" preserve="true" />
import type { Backend } from './backend.js';
import { ByteflowError } from './errors.js';
import { loadRuntime, type RuntimeOptions } from './loader.js';
import { type BundledModels, type ModelSource, readModel } from './model-source.js';
import type { RawClassifier } from './runtime.js';
import { utf8Length } from './utf8.js';

export interface Progress {
  /** Bytes of the model file read so far. */
  loaded: number;
  /** Bytes of the model file; undefined when the server does not say. */
  total: number | undefined;
}

export interface ClassifierOptions extends RuntimeOptions {
  onProgress?: ((progress: Progress) => void) | undefined;
}

export interface ScoreOptions {
  signal?: AbortSignal | undefined;
}

export interface Score<Label extends string = string> {
  /** The probability of each label, 0 to 1. */
  labels: Record<Label, number>;
  /** UTF-8 bytes of the whole text. */
  bytes: number;
  /** Whether only the first `maxBytes` bytes of the text were read. */
  truncated: boolean;
}

// In the order of `enum class Code` in core/include/byteflow/status.h.
const statusCodes = ['ok', 'not-a-model', 'unsupported-version', 'invalid-model', 'invalid-argument', 'out-of-memory'] as const;

/** Loads a model and what runs it. Rejects with a `ByteflowError`, or with the reason of the signal. */
export function loadClassifier<Name extends keyof BundledModels>(source: Name, options?: ClassifierOptions): Promise<Classifier<BundledModels[Name]>>;
export function loadClassifier(source: ModelSource, options?: ClassifierOptions): Promise<Classifier>;
export async function loadClassifier(source: ModelSource, options: ClassifierOptions = {}): Promise<Classifier> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const onBytes = onProgress && ((loaded: number, total: number | undefined) => onProgress({ loaded, total }));
  const [{ bytes, origin }, runtime] = await Promise.all([readModel(source, { signal, onBytes }), loadRuntime(options)]);
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
  return new Classifier(raw);
}

// Longer work gives way to the page's events this often: 50 ms is the longest task a page does not feel (RAIL).
const longestTask = 50;

/** A loaded model with a WebAssembly memory of its own. */
export class Classifier<Label extends string = string> implements Disposable {
  #raw: RawClassifier | undefined;
  readonly #encoder = new TextEncoder();

  /** The name in the model file. */
  readonly model: string;
  readonly backend: Backend;
  readonly labels: readonly Label[];
  /** The longest prefix of a text that is read, in UTF-8 bytes. */
  readonly maxBytes: number;

  /** @internal Made by `loadClassifier`. */
  constructor(raw: RawClassifier) {
    this.#raw = raw;
    this.model = raw.name();
    this.backend = raw.backend() as Backend;
    this.labels = Array.from({ length: raw.labelCount() }, (_, i) => raw.label(i) as Label);
    this.maxBytes = raw.maxBytes();
  }

  /** Scores one text, or each of several in order. A lone surrogate is read as U+FFFD. */
  score(text: string, options?: ScoreOptions): Promise<Score<Label>>;
  score(texts: readonly string[], options?: ScoreOptions): Promise<Score<Label>[]>;
  async score(texts: string | readonly string[], { signal }: ScoreOptions = {}): Promise<Score<Label> | Score<Label>[]> {
    signal?.throwIfAborted();
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

  /** The outputs before calibration, in the order of `labels`: the same bits on every backend and machine. */
  async logits(text: string): Promise<Float32Array> {
    const raw = this.#alive();
    this.#run(raw, text, 'the text');
    return raw.logits().slice();
  }

  /** Frees the model. Later calls throw; a second `dispose` does nothing. */
  dispose(): void {
    this.#raw?.delete();
    this.#raw = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #score(text: string, what: string): Score<Label> {
    const raw = this.#alive();
    const { read, written } = this.#run(raw, text, what);
    const probabilities = raw.probabilities(); // [labels]
    const labels = Object.fromEntries(this.labels.map((label, i) => [label, probabilities[i]])) as Record<Label, number>;
    return { labels, bytes: written + utf8Length(text, read), truncated: read < text.length };
  }

  // encodeInto stops where the next character no longer fits, which is the core's own rule for a long text.
  #run(raw: RawClassifier, text: string, what: string): TextEncoderEncodeIntoResult {
    if (typeof text !== 'string') {
      throw new ByteflowError('invalid-argument', `${what} must be a string, not ${text === null ? 'null' : typeof text}`);
    }
    const encoded = this.#encoder.encodeInto(text, raw.textBuffer().subarray(0, this.maxBytes));
    raw.score(encoded.written);
    return encoded;
  }

  #alive(): RawClassifier {
    if (this.#raw === undefined) throw new ByteflowError('disposed', `the classifier ${JSON.stringify(this.model)} was used after dispose()`);
    return this.#raw;
  }
}
