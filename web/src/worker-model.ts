import { untilAborted } from './abort.js';
import type { Backend } from './backend.js';
import { ByteflowError, disposed } from './errors.js';
import type { RuntimeOptions } from './loader.js';
import type { ModelRequest } from './model-file.js';
import type { Remote } from './rpc.js';
import { requireText } from './text.js';
import { connect, type WorkerConnection } from './worker-connection.js';
import type { WorkerVerbs } from './worker-verbs.js';

// Texts in one message: enough to keep the worker busy, few enough to be copied without a stutter of the page.
const textsPerMessage = 64;

type LoadVerb = 'loadClassifier' | 'loadGenerator';
type About<Verb extends LoadVerb> = Awaited<ReturnType<WorkerVerbs[Verb]>>;

interface Loaded<Verb extends LoadVerb> {
  connection: WorkerConnection;
  /** What the model says of itself. */
  about: About<Verb>;
}

/** A model that is loaded, and how to load it again when its worker has died. */
export interface Reloadable<Verb extends LoadVerb> extends Loaded<Verb> {
  reload: (signal: AbortSignal) => Promise<Loaded<Verb>>;
}

export async function loadInWorker<Verb extends LoadVerb>(verb: Verb, startWorker: () => Worker, request: ModelRequest, options: RuntimeOptions): Promise<Reloadable<Verb>> {
  const reload = (signal: AbortSignal) => load(verb, startWorker, request, { ...options, onProgress: undefined, signal });
  return { ...(await load(verb, startWorker, request, options)), reload };
}

/** A model in a worker of its own. A worker that died is followed by another at the next call. */
export abstract class WorkerModel<Verb extends LoadVerb> {
  #connection: WorkerConnection;
  #reloading: Promise<void> | undefined;
  readonly #reload: (signal: AbortSignal) => Promise<Loaded<Verb>>;
  protected readonly about: About<Verb>;
  readonly #life = new AbortController();

  readonly model: string;
  readonly backend: Backend;
  readonly maxBytes: number;
  readonly inWorker = true;
  readonly workerFault = undefined;

  constructor({ connection, about, reload }: Reloadable<Verb>) {
    this.#connection = connection;
    this.#reload = reload;
    this.about = about;
    this.model = about.model;
    this.backend = about.backend;
    this.maxBytes = about.maxBytes;
  }

  async fingerprint({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<string> {
    const remote = await this.remote(signal);
    return remote.call('fingerprint', undefined, { signal });
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

  /** @internal The worker's end, the model loaded. */
  protected async remote(signal: AbortSignal | undefined): Promise<Remote<WorkerVerbs>> {
    signal?.throwIfAborted();
    if (this.#life.signal.aborted) throw disposed(this.model);
    if (this.#connection.remote.isClosed) {
      this.#reloading ??= this.#replace().finally(() => (this.#reloading = undefined));
      await untilAborted(this.#reloading, signal);
    }
    return this.#connection.remote;
  }

  /** @internal Asks about one text, or about each of several, a message's worth at a time; `ask` is told the number of the first. */
  protected async ask<T>(
    texts: string | readonly string[],
    signal: AbortSignal | undefined,
    ask: (remote: Remote<WorkerVerbs>, texts: string[], first: number) => Promise<readonly T[]>,
  ): Promise<T | T[]> {
    const isBatch = Array.isArray(texts);
    const batch: readonly string[] = isBatch ? texts : [texts];
    batch.forEach((text, i) => requireText(text, isBatch ? `texts[${i}]` : 'the text'));
    const remote = await this.remote(signal);
    const answers: T[] = [];
    for (let i = 0; i < batch.length; i += textsPerMessage) answers.push(...(await ask(remote, batch.slice(i, i + textsPerMessage), i)));
    return isBatch ? answers : answers[0]!;
  }

  async #replace(): Promise<void> {
    const { connection, about } = await this.#reload(this.#life.signal);
    if (this.#life.signal.aborted) return connection.stop(disposed(this.model));
    if (JSON.stringify(about) !== JSON.stringify(this.about)) {
      const error = new ByteflowError('invalid-model', `the file of the model ${JSON.stringify(this.model)} has changed since it was loaded: load it anew`);
      connection.stop(error);
      throw error;
    }
    this.#connection = connection;
  }
}

/** A worker with the model in it. */
async function load<Verb extends LoadVerb>(verb: Verb, startWorker: () => Worker, request: ModelRequest, options: RuntimeOptions): Promise<Loaded<Verb>> {
  const { signal, onProgress, backend, wasmUrl, wasmBinary, wasmModule } = options;
  const connection = await connect(startWorker, signal);
  try {
    const [model, transfer] = movable(request);
    const runtime = { backend, wasmUrl, wasmBinary, wasmModule };
    const about = await connection.remote.call<LoadVerb>(verb, { model, runtime }, { signal, onItem: onProgress, transfer });
    return { connection, about: about as About<Verb> };
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
