/// <reference lib="esnext.disposable" preserve="true" />
import type { Backend } from './backend.js';
import { loadDirectly } from './direct-classifier.js';
import type { ByteflowError } from './errors.js';
import { type LoadOptions, loadModel } from './load-model.js';
import type { BundledModels, ModelSource } from './model-source.js';
import { WorkerClassifier } from './worker-classifier.js';

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

export interface ExplainOptions<Label extends string = string> {
  /** The label whose score is explained. Default: the first. */
  label?: Label | undefined;
  signal?: AbortSignal | undefined;
}

/** A word of a text, or a character where a script has no spaces. */
export interface Span {
  /** Where it begins and ends in the string, in UTF-16 code units: `text.slice(start, end)`. */
  start: number;
  end: number;
  text: string;
  /** What it has added to the logit of the label: above 0 it raises the score, below 0 it lowers it. */
  weight: number;
}

export interface Explanation<Label extends string = string> {
  label: Label;
  /** The probability of the label, 0 to 1, as `score` gives it. */
  probability: number;
  /** The words that were read, in the order of the text. Their weights and `rest` add up to the logit of the label, but for rounding. */
  spans: Span[];
  /** What no word has part in, in logits: the label's bias, and white space. */
  rest: number;
  /** UTF-8 bytes of the whole text. */
  bytes: number;
  /** Whether only the first `maxBytes` bytes of the text were read. */
  truncated: boolean;
}

/** A loaded model with a WebAssembly memory of its own. */
export interface Classifier<Label extends string = string> extends Disposable, AsyncDisposable {
  /** The name in the model file. */
  readonly model: string;
  readonly backend: Backend;
  readonly labels: readonly Label[];
  /** The probability of each label from which on it counts, as the model's makers suggest; 0.5 where they say nothing. */
  readonly thresholds: Readonly<Record<Label, number>>;
  /** The longest prefix of a text that is read, in UTF-8 bytes. */
  readonly maxBytes: number;
  /** Whether the model runs in a worker of its own. */
  readonly inWorker: boolean;
  /** Why it does not, although it should. */
  readonly workerFault: ByteflowError | undefined;

  /** Scores one text, or each of several in order. A lone surrogate is read as U+FFFD. */
  score(text: string, options?: ScoreOptions): Promise<Score<Label>>;
  score(texts: readonly string[], options?: ScoreOptions): Promise<Score<Label>[]>;
  score(texts: string | readonly string[], options?: ScoreOptions): Promise<Score<Label> | Score<Label>[]>;

  /** The outputs before calibration, in the order of `labels`: the same bits on every backend and machine. */
  logits(text: string, options?: ScoreOptions): Promise<Float32Array>;

  /** Which words of a text raise the score of a label, and which lower it, in little more than the time of a score: the same bits on every backend and machine. */
  explain(text: string, options?: ExplainOptions<Label>): Promise<Explanation<Label>>;

  /** A digest of what the model makes of texts that are the same everywhere: equal for the same model file on every backend and machine. */
  fingerprint(options?: ScoreOptions): Promise<string>;

  /** Frees the model. Calls under way and later ones reject; a second `dispose` does nothing. */
  dispose(): void;
}

/** Loads a model and what runs it. Rejects with a `ByteflowError`, or with the reason of the signal. */
export function loadClassifier<Name extends keyof BundledModels>(source: Name, options?: LoadOptions): Promise<Classifier<BundledModels[Name]>>;
export function loadClassifier(source: ModelSource, options?: LoadOptions): Promise<Classifier>;
export async function loadClassifier(source: ModelSource, options: LoadOptions = {}): Promise<Classifier> {
  return loadModel<Classifier>(source, options, { inWorker: WorkerClassifier.load, here: loadDirectly });
}
