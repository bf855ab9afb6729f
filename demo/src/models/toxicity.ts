import { type Backend, type BundledModels, type Classifier, loadClassifier, type Progress } from 'byteflow';
import { startModelWorker } from './model-workers.js';

export type Toxicity = Classifier<BundledModels['toxicity']>;

let model: Promise<Toxicity> | undefined;
let switching = new AbortController();

/** The model that all tabs share, loaded when the first asks for it. */
export function toxicity(onProgress?: (progress: Progress) => void): Promise<Toxicity> {
  if (model !== undefined) return model;
  const loading = loadClassifier('toxicity', { worker: startModelWorker, onProgress });
  loading.catch(() => model === loading && (model = undefined)); // the next call tries again
  return (model = loading);
}

/** Puts the model on another backend; of several choices the last wins. */
export async function switchBackend(backend: Backend): Promise<Toxicity> {
  switching.abort();
  switching = new AbortController();
  const next = await loadClassifier('toxicity', { worker: startModelWorker, backend, signal: switching.signal });
  const last = model;
  model = Promise.resolve(next);
  (await last)?.dispose();
  return next;
}
