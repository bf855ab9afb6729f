import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Backend, backends, type Classifier, loadClassifier, modelUrl } from 'byteflow';
import { UsageError } from './failure.js';

/** Options of every command that runs a model. */
export const modelOptions = {
  model: { type: 'string', default: 'toxicity' },
  backend: { type: 'string' },
} as const;

export const backendHelp = `  --backend NAME      ${backends.join(' or ')}; default: the best this machine runs; the results are the same`;

export const modelHelp = `  --model NAME|FILE   a bundled model or a .byteflow file; default: toxicity
${backendHelp}`;

/** What has a dot or a slash, or exists, is a file; else it names a bundled model. */
export function locateModel(nameOrFile: string): URL {
  return modelUrl(/[./\\]/.test(nameOrFile) || existsSync(nameOrFile) ? pathToFileURL(nameOrFile) : nameOrFile);
}

export function backendOf(name: string | undefined): Backend | undefined {
  if (name === undefined || (backends as readonly string[]).includes(name)) return name as Backend | undefined;
  throw new UsageError(`--backend is ${backends.join(' or ')}, not ${name}`);
}

export async function openClassifier({ model, backend }: { model: string; backend?: string | undefined }): Promise<Classifier> {
  return loadClassifier(locateModel(model), { backend: backendOf(backend) });
}
