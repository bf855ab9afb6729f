import { Worker } from 'node:worker_threads';
import type { Classifier } from 'byteflow';
import { Failure, UsageError } from './failure.js';
import { modelOptions, openClassifier } from './model.js';
import { type ScoreFormat, scoredLines } from './scored-lines.js';

/** Options of every command that scores. */
export const scorerOptions = { ...modelOptions, flag: { type: 'boolean', default: false }, workers: { type: 'string', default: '1' } } as const;

// A thread has its own WebAssembly memory and engine heap, tens of MB: more of them than any machine's cores are a slip of the finger.
const mostWorkers = 256;

export const workersHelp = `  --workers N         threads that score, each with a model of its own, 1 to ${mostWorkers}; default: 1, the program's own. The results keep their order`;

export interface Scorer {
  /** Texts that are worth while to be given together, at least so many times. */
  readonly atOnce: number;
  readonly about: Pick<Classifier, 'model' | 'backend' | 'labels' | 'thresholds' | 'maxBytes'>;
  /** What is printed of the texts. */
  score(texts: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

export interface ScorerValues extends ScoreFormat {
  model: string;
  backend?: string | undefined;
  workers: string;
}

export async function openScorer(values: ScorerValues): Promise<Scorer> {
  const workers = Number(values.workers);
  if (!Number.isInteger(workers) || workers < 1 || workers > mostWorkers) throw new UsageError(`--workers is a number from 1 to ${mostWorkers}, not ${values.workers}`);
  const classifier = await openClassifier(values);
  const { model, backend, labels, thresholds, maxBytes } = classifier;
  const about = { model, backend, labels, thresholds, maxBytes };
  if (workers === 1) {
    return { about, atOnce: 1, score: (texts) => scoredLines(classifier, texts, values), close: async () => classifier.dispose() };
  }
  classifier.dispose(); // it has shown that the model is good
  const pool = new ScorePool(workers, values);
  return { about, atOnce: 2 * workers, score: (texts) => pool.score(texts), close: () => pool.close() }; // one under way and one that waits, each
}

/** Worker threads with a model each. */
class ScorePool {
  readonly #threads: ScoreThread[];

  constructor(size: number, values: ScorerValues) {
    this.#threads = Array.from({ length: size }, () => new ScoreThread(values));
  }

  score(texts: readonly string[]): Promise<string> {
    const idlest = this.#threads.reduce((a, b) => (b.waiting < a.waiting ? b : a));
    return idlest.score(texts);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

class ScoreThread {
  readonly #worker: Worker;
  readonly #calls: { resolve: (lines: string) => void; reject: (fault: Error) => void }[] = []; // answered in their order
  #fault: Error | undefined;

  constructor(values: ScorerValues) {
    this.#worker = new Worker(new URL('./score-worker.js', import.meta.url), { workerData: { ...values } });
    this.#worker.on('message', (lines: string) => this.#calls.shift()!.resolve(lines));
    this.#worker.on('error', (cause) => this.#fail(new Failure(`a worker thread failed: ${cause.message}`, { cause })));
    this.#worker.on('exit', (code) => this.#fail(new Failure(`a worker thread ended with exit code ${code}`)));
  }

  /** Calls under way. */
  get waiting(): number {
    return this.#calls.length;
  }

  score(texts: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#fault !== undefined) return reject(this.#fault);
      this.#calls.push({ resolve, reject });
      this.#worker.postMessage(texts);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(fault: Error): void {
    this.#fault ??= fault;
    for (const { reject } of this.#calls.splice(0)) reject(this.#fault);
  }
}
