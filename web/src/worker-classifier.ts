import { untilAborted } from './abort.js';
import type { Backend } from './backend.js';
import type { Classifier, Explanation, ExplainOptions, Score, ScoreOptions } from './classifier.js';
import { ByteflowError, disposed } from './errors.js';
import type { RuntimeOptions } from './loader.js';
import type { ModelRequest } from './model-file.js';
import type { Remote } from './rpc.js';
import { requireText } from './text.js';
import { connect, type WorkerConnection } from './worker-connection.js';
import type { WorkerVerbs } from './worker-verbs.js';

// Texts in one message: enough to keep the worker busy, few enough to be copied without a stutter of the page.
const textsPerMessage = 64;

type About = Pick<Classifier, 'model' | 'backend' | 'labels' | 'thresholds' | 'maxBytes'>;

interface Loaded {
  connection: WorkerConnection;
  about: About;
}

/** A model in a worker of its own. A worker that died is followed by another at the next call. */
export class WorkerClassifier<Label extends string = string> implements Classifier<Label> {
  #connection: WorkerConnection;
  #reloading: Promise<void> | undefined;
  readonly #reload: (signal: AbortSignal) => Promise<Loaded>;
  readonly #about: About;
  readonly #life = new AbortController();

  readonly model: string;
  readonly backend: Backend;
  readonly labels: readonly Label[];
  readonly thresholds: Readonly<Record<Label, number>>;
  readonly maxBytes: number;
  readonly inWorker = true;
  readonly workerFault = undefined;

  static async load(startWorker: () => Worker, request: ModelRequest, options: RuntimeOptions): Promise<WorkerClassifier> {
    const reload = (signal: AbortSignal) => load(startWorker, request, { ...options, onProgress: undefined, signal });
    return new WorkerClassifier(await load(startWorker, request, options), reload);
  }

  private constructor({ connection, about }: Loaded, reload: (signal: AbortSignal) => Promise<Loaded>) {
    this.#connection = connection;
    this.#reload = reload;
    this.#about = about;
    this.model = about.model;
    this.backend = about.backend;
    this.labels = about.labels as readonly Label[];
    this.thresholds = about.thresholds;
    this.maxBytes = about.maxBytes;
  }

  score(text: string, options?: ScoreOptions): Promise<Score<Label>>;
  score(texts: readonly string[], options?: ScoreOptions): Promise<Score<Label>[]>;
  async score(texts: string | readonly string[], { signal }: ScoreOptions = {}): Promise<Score<Label> | Score<Label>[]> {
    const isBatch = Array.isArray(texts);
    const batch: readonly string[] = isBatch ? texts : [texts];
    batch.forEach((text, i) => requireText(text, isBatch ? `texts[${i}]` : 'the text'));
    const remote = await this.#remote(signal);
    const scores: Score[] = [];
    for (let i = 0; i < batch.length; i += textsPerMessage) {
      scores.push(...(await remote.call('score', batch.slice(i, i + textsPerMessage), { signal })));
    }
    return (isBatch ? scores : scores[0]) as Score<Label> | Score<Label>[];
  }

  async logits(text: string, { signal }: ScoreOptions = {}): Promise<Float32Array> {
    requireText(text, 'the text');
    const remote = await this.#remote(signal);
    return remote.call('logits', text, { signal });
  }

  async explain(text: string, { label, signal }: ExplainOptions<Label> = {}): Promise<Explanation<Label>> {
    requireText(text, 'the text');
    const remote = await this.#remote(signal);
    return remote.call('explain', { text, label }, { signal }) as Promise<Explanation<Label>>;
  }

  dispose(): void {
    const error = disposed(this.model);
    this.#life.abort(error);
    this.#connection.stop(error);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }

  /** The worker's end, the model loaded. */
  async #remote(signal: AbortSignal | undefined): Promise<Remote<WorkerVerbs>> {
    signal?.throwIfAborted();
    if (this.#life.signal.aborted) throw disposed(this.model);
    if (this.#connection.remote.isClosed) {
      this.#reloading ??= this.#replace().finally(() => (this.#reloading = undefined));
      await untilAborted(this.#reloading, signal);
    }
    return this.#connection.remote;
  }

  async #replace(): Promise<void> {
    const { connection, about } = await this.#reload(this.#life.signal);
    if (this.#life.signal.aborted) return connection.stop(disposed(this.model));
    if (JSON.stringify(about) !== JSON.stringify(this.#about)) {
      const error = new ByteflowError('invalid-model', `the file of the model ${JSON.stringify(this.model)} has changed since it was loaded: load it anew`);
      connection.stop(error);
      throw error;
    }
    this.#connection = connection;
  }
}

/** A worker with the model in it. */
async function load(startWorker: () => Worker, request: ModelRequest, options: RuntimeOptions): Promise<Loaded> {
  const { signal, onProgress, backend, wasmUrl, wasmBinary, wasmModule } = options;
  const connection = await connect(startWorker, signal);
  try {
    const [model, transfer] = movable(request);
    const about = await connection.remote.call('load', { model, runtime: { backend, wasmUrl, wasmBinary, wasmModule } }, { signal, onProgress, transfer });
    return { connection, about };
  } catch (error) {
    connection.stop(error);
    throw error;
  }
}

// Bytes are moved as a copy: the caller keeps its own, and a view does not drag its whole buffer along.
function movable(request: ModelRequest): [ModelRequest, Transferable[]] {
  if (typeof request.source === 'string') return [request, []];
  const source = request.source.slice();
  return [{ ...request, source }, [source.buffer]];
}
