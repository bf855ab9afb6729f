import { type DirectClassifier, loadDirectly } from './direct-classifier.js';
import { holdLock } from './life-line.js';
import type { RuntimeOptions } from './loader.js';
import type { ModelRequest } from './model-file.js';
import type { VerbContext } from './rpc.js';

export interface LoadRequest {
  model: ModelRequest;
  runtime: Pick<RuntimeOptions, 'backend' | 'wasmUrl' | 'wasmBinary' | 'wasmModule'>;
}

/** What a worker answers: one classifier for each port. */
export function workerVerbs() {
  let classifier: DirectClassifier;
  return {
    begin: (lock: string) => holdLock(lock),

    async load({ model, runtime }: LoadRequest, context: VerbContext) {
      classifier = await loadDirectly(model, { ...runtime, ...context });
      const { backend, labels, thresholds, maxBytes } = classifier;
      return { model: classifier.model, backend, labels, thresholds, maxBytes };
    },

    score: (texts: string[], { signal }: VerbContext) => classifier.score(texts, { signal }),

    explain: ({ text, label }: { text: string; label: string | undefined }) => classifier.explain(text, { label }),

    async logits(text: string, { transfer }: VerbContext) {
      const logits = await classifier.logits(text);
      transfer.push(logits.buffer);
      return logits;
    },
  };
}

export type WorkerVerbs = ReturnType<typeof workerVerbs>;
