import type { GenerateOptions, Generation, Generator, StreamOptions } from './generator.js';
import { itemsOf } from './items.js';
import type { RuntimeOptions } from './loader.js';
import type { ModelRequest } from './model-file.js';
import { completeSearch } from './search-options.js';
import { requireText } from './text.js';
import { loadInWorker, WorkerModel } from './worker-model.js';

/** A generator in a worker of its own. */
export class WorkerGenerator extends WorkerModel<'loadGenerator'> implements Generator {
  readonly maxOutputBytes = this.about.maxOutputBytes;
  readonly maxBeams = this.about.maxBeams;

  static async load(startWorker: () => Worker, request: ModelRequest, options: RuntimeOptions): Promise<WorkerGenerator> {
    return new WorkerGenerator(await loadInWorker('loadGenerator', startWorker, request, options));
  }

  generate(text: string, options?: GenerateOptions): Promise<Generation>;
  generate(texts: readonly string[], options?: GenerateOptions): Promise<Generation[]>;
  generate(texts: string | readonly string[], options?: GenerateOptions): Promise<Generation | Generation[]>;
  async generate(texts: string | readonly string[], { signal, onStep, ...search }: GenerateOptions = {}): Promise<Generation | Generation[]> {
    const options = completeSearch(search, this);
    return this.ask(texts, signal, (remote, batch, first) =>
      remote.call('generate', { texts: batch, options, isWatched: onStep !== undefined }, { signal, onItem: ([beams, index]) => onStep?.(beams, first + index) }),
    );
  }

  stream(text: string, { signal, ...search }: StreamOptions = {}): AsyncGenerator<string, void, undefined> {
    return itemsOf<string>(async (emit, signal) => {
      requireText(text, 'the text');
      const options = completeSearch({ beams: 1, ...search }, this);
      const remote = await this.remote(signal);
      await remote.call('stream', { text, options }, { signal, onItem: emit });
    }, signal);
  }
}
