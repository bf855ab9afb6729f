import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Backend, backends, type Classifier, loadClassifier, modelUrl } from 'byteflow';
import { UsageError } from './failure.js';

/** Options of every command that runs a model. */
export const modelOptions = {
  model: { type: 'string', default: 'toxicity' },
  backend: { type: 'string' },
} as const;

export const modelHelp = `  --model NAME|FILE   a bundled model or a .byteflow file; default: toxicity
  --backend NAME      ${backends.join(' or ')}; default: the best this machine runs; the scores are the same`;

/** What has a dot or a slash, or exists, is a file; else it names a bundled model. */
export function locateModel(nameOrFile: string): URL {
  return modelUrl(/[./\\]/.test(nameOrFile) || existsSync(nameOrFile) ? pathToFileURL(nameOrFile) : nameOrFile);
}

export async function openClassifier({ model, backend }: { model: string; backend?: string | undefined }): Promise<Classifier> {
  if (backend !== undefined && !(backends as readonly string[]).includes(backend)) {
    throw new UsageError(`--backend is ${backends.join(' or ')}, not ${backend}`);
  }
  return loadClassifier(locateModel(model), { backend: backend as Backend | undefined });
}
