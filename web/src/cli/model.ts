import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Backend, backends, ByteflowError, type Classifier, loadClassifier, modelUrl } from 'byteflow';
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
  const options = { backend: backendOf(backend) };
  return openModel(model, (url) => loadClassifier(url, options), '`byteflow rewrite` and `byteflow correct` run it');
}

/** Loads a model; an error names it as the user did, and says what runs a model of the other kind. */
export async function openModel<T>(nameOrFile: string, load: (url: URL) => Promise<T>, wayOut: string): Promise<T> {
  const url = locateModel(nameOrFile);
  return load(url).catch((error: unknown) => {
    throw withMessage(error, (message) => `${message.replace(url.href, () => nameOrFile)}${isAnotherKind(error) ? `; ${wayOut}` : ''}`);
  });
}

/** Whether a model was refused since it writes what is to be scored, or scores what is to be written. */
export const isAnotherKind = (error: unknown): boolean => error instanceof ByteflowError && error.code === 'invalid-argument';

/** An error of the library in other words; others stay as they are. */
export function withMessage(error: unknown, change: (message: string) => string): unknown {
  return error instanceof ByteflowError ? new ByteflowError(error.code, change(error.message), { cause: error }) : error;
}
