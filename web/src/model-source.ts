import { ByteflowError } from './errors.js';
import { resolveUrl } from './fetch.js';
import { parseIntegrity } from './integrity.js';
import type { ModelRequest } from './model-file.js';
import { modelFiles } from './package-files.js';

/** The classifiers that come with the package, and their labels. */
export interface BundledModels {
  toxicity: 'toxicity' | 'severe_toxicity' | 'obscene' | 'threat' | 'insult' | 'identity_attack';
  'toxicity-small': BundledModels['toxicity'];
}

/** The name of a bundled model, the address of a model file, or its bytes. */
export type ModelSource = string | URL | ArrayBuffer | Uint8Array;

export interface ModelOptions {
  /** Digests that the model file must have one of, as in a script's `integrity` attribute; checked before the file is used. */
  integrity?: string | undefined;
  /** Whether to keep the file in the Cache API, under its `integrity`, once it has proved to be good. Default: no. */
  cache?: boolean | undefined;
}

/** The address of a bundled model by its name; any other string is taken as a URL. */
export function modelUrl(source: string | URL): URL {
  if (source instanceof URL) return source;
  if (typeof source !== 'string') {
    throw new ByteflowError('invalid-argument', `a model is given by name, URL or bytes, not by ${source === null ? 'null' : typeof source}`);
  }
  if (Object.hasOwn(modelFiles, source)) return resolveUrl(modelFiles[source]!()); // Next's URLs of a page's files are relative
  if (/^[\w-]*$/.test(source)) {
    const names = Object.keys(modelFiles).join(', ') || 'none in this entry: pass a URL or the bytes';
    throw new ByteflowError('not-found', `no bundled model is called ${JSON.stringify(source)}; there is ${names}`);
  }
  return resolveUrl(source);
}

/** @internal What to load, its options checked. */
export function requestModel(source: ModelSource, { integrity, cache = false }: ModelOptions): ModelRequest {
  if (integrity !== undefined) parseIntegrity(integrity); // now, not after a download
  if (cache && integrity === undefined) throw new ByteflowError('invalid-argument', 'cache needs `integrity`: files are kept under their digest');
  if (source instanceof ArrayBuffer) source = new Uint8Array(source);
  if (source instanceof Uint8Array) return { source: source as Uint8Array<ArrayBuffer>, integrity, cacheKey: undefined };
  return { source: modelUrl(source).href, integrity, cacheKey: cache ? integrity : undefined };
}
