import type { Classifier, Explanation, ExplainOptions, Score, ScoreOptions } from './classifier.js';
import type { RuntimeOptions } from './loader.js';
import type { ModelRequest } from './model-file.js';
import { requireText } from './text.js';
import { loadInWorker, WorkerModel } from './worker-model.js';

/** A classifier in a worker of its own. */
export class WorkerClassifier<Label extends string = string> extends WorkerModel<'loadClassifier'> implements Classifier<Label> {
  readonly labels = this.about.labels as readonly Label[];
  readonly thresholds: Readonly<Record<Label, number>> = this.about.thresholds;

  static async load(startWorker: () => Worker, request: ModelRequest, options: RuntimeOptions): Promise<WorkerClassifier> {
    return new WorkerClassifier(await loadInWorker('loadClassifier', startWorker, request, options));
  }

  score(text: string, options?: ScoreOptions): Promise<Score<Label>>;
  score(texts: readonly string[], options?: ScoreOptions): Promise<Score<Label>[]>;
  score(texts: string | readonly string[], options?: ScoreOptions): Promise<Score<Label> | Score<Label>[]>;
  async score(texts: string | readonly string[], { signal }: ScoreOptions = {}): Promise<Score<Label> | Score<Label>[]> {
    return this.ask(texts, signal, (remote, batch) => remote.call('score', batch, { signal }) as Promise<Score<Label>[]>);
  }

  async logits(text: string, { signal }: ScoreOptions = {}): Promise<Float32Array> {
    requireText(text, 'the text');
    const remote = await this.remote(signal);
    return remote.call('logits', text, { signal });
  }

  async explain(text: string, { label, signal }: ExplainOptions<Label> = {}): Promise<Explanation<Label>> {
    requireText(text, 'the text');
    const remote = await this.remote(signal);
    return remote.call('explain', { text, label }, { signal }) as Promise<Explanation<Label>>;
  }
}
