/// <reference lib="esnext.disposable" preserve="true" />
import type { Backend } from './backend.js';
import { loadDirectly } from './direct-generator.js';
import type { ByteflowError } from './errors.js';
import { type LoadOptions, loadModel } from './load-model.js';
import type { ModelSource } from './model-source.js';
import type { SearchOptions } from './search-options.js';
import { WorkerGenerator } from './worker-generator.js';

/** A text that was written. */
export interface Candidate {
  text: string;
  /** The natural logarithm of its probability, divided for its length (see `alpha`): the same bits on every backend and machine. */
  score: number;
  /** Whether the model has ended it; else it is under way, or was cut at `maxBytes`. */
  complete: boolean;
}

export interface StreamOptions extends SearchOptions {
  /** Ends the writing within one step. */
  signal?: AbortSignal | undefined;
}

export interface GenerateOptions extends StreamOptions {
  /**
   * Called after each step, of one byte, with the texts as they stand, best first: those under way, and those that the model has ended.
   * `index` is the number of the text that they are written for, where several were given.
   */
  onStep?: ((beams: Candidate[], index: number) => void) | undefined;
}

export interface Generation {
  /** What was written, best first, complete ones before the others: at least one. */
  candidates: Candidate[];
  /** UTF-8 bytes of the whole text that was given. */
  bytes: number;
  /** Whether only its first `maxBytes` bytes were read. */
  truncated: boolean;
}

/** A loaded model that writes texts, with a WebAssembly memory of its own. */
export interface Generator extends Disposable, AsyncDisposable {
  /** The name in the model file. */
  readonly model: string;
  readonly backend: Backend;
  /** The longest prefix of a text that is read, in UTF-8 bytes. */
  readonly maxBytes: number;
  /** The longest text that can be written, in UTF-8 bytes. */
  readonly maxOutputBytes: number;
  /** The most beams that there can be. */
  readonly maxBeams: number;
  /** Whether the model runs in a worker of its own. */
  readonly inWorker: boolean;
  /** Why it does not, although it should. */
  readonly workerFault: ByteflowError | undefined;

  /** Writes for one text, or for each of several in order. A lone surrogate is read as U+FFFD. Calls wait for each other. */
  generate(text: string, options?: GenerateOptions): Promise<Generation>;
  generate(texts: readonly string[], options?: GenerateOptions): Promise<Generation[]>;
  generate(texts: string | readonly string[], options?: GenerateOptions): Promise<Generation | Generation[]>;

  /**
   * The best text for a text, in pieces of whole characters: with one beam as it is written, with several as soon as all of them agree. The pieces
   * add up to the text of the first candidate of `generate` with the same options. A reader that stops ends the writing.
   */
  stream(text: string, options?: StreamOptions): AsyncGenerator<string, void, undefined>;

  /** A digest of what the model writes for texts that are the same everywhere: equal for the same model file on every backend and machine. */
  fingerprint(options?: Pick<StreamOptions, 'signal'>): Promise<string>;

  /** Frees the model. Calls under way and later ones reject; a second `dispose` does nothing. */
  dispose(): void;
}

/** Loads a model that writes texts and what runs it. Rejects with a `ByteflowError`, or with the reason of the signal. */
export async function loadGenerator(source: ModelSource, options: LoadOptions = {}): Promise<Generator> {
  return loadModel<Generator>(source, options, { inWorker: WorkerGenerator.load, here: loadDirectly });
}
