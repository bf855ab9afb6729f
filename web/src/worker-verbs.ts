import { type DirectClassifier, loadDirectly as loadClassifier } from './direct-classifier.js';
import { type DirectGenerator, loadDirectly as loadGenerator } from './direct-generator.js';
import type { Candidate, GenerateOptions } from './generator.js';
import { holdLock } from './life-line.js';
import type { RuntimeOptions } from './loader.js';
import type { ModelRequest } from './model-file.js';
import type { Progress } from './progress.js';
import type { VerbContext } from './rpc.js';

export interface LoadRequest {
  model: ModelRequest;
  runtime: Pick<RuntimeOptions, 'backend' | 'wasmUrl' | 'wasmBinary' | 'wasmModule'>;
}

/** What a worker answers: one model for each port. */
export function workerVerbs() {
  let classifier: DirectClassifier;
  let generator: DirectGenerator;
  return {
    fingerprint: (_: undefined, { signal }: VerbContext) => (classifier ?? generator).fingerprint({ signal }),

    begin: (lock: string) => holdLock(lock),

    async loadClassifier({ model: request, runtime }: LoadRequest, { signal, emit }: VerbContext<Progress>) {
      classifier = await loadClassifier(request, { ...runtime, signal, onProgress: emit });
      const { model, backend, labels, thresholds, maxBytes } = classifier;
      return { model, backend, labels, thresholds, maxBytes };
    },

    score: (texts: string[], { signal }: VerbContext) => classifier.score(texts, { signal }),

    explain: ({ text, label }: { text: string; label: string | undefined }) => classifier.explain(text, { label }),

    async logits(text: string, { transfer }: VerbContext) {
      const logits = await classifier.logits(text);
      transfer.push(logits.buffer);
      return logits;
    },

    async loadGenerator({ model: request, runtime }: LoadRequest, { signal, emit }: VerbContext<Progress>) {
      generator = await loadGenerator(request, { ...runtime, signal, onProgress: emit });
      const { model, backend, maxBytes, maxOutputBytes, maxBeams } = generator;
      return { model, backend, maxBytes, maxOutputBytes, maxBeams };
    },

    generate({ texts, options, isWatched }: { texts: string[]; options: GenerateOptions; isWatched: boolean }, { signal, emit }: VerbContext<[Candidate[], number]>) {
      const onStep = isWatched ? (beams: Candidate[], index: number) => emit([beams, index]) : undefined;
      return generator.generate(texts, { ...options, onStep, signal });
    },

    stream: ({ text, options }: { text: string; options: GenerateOptions }, { signal, emit }: VerbContext<string>) => generator.write(text, { ...options, signal }, emit),
  };
}

export type WorkerVerbs = ReturnType<typeof workerVerbs>;
