import { ByteflowError } from './errors.js';
import { open, readBody, type ReadOptions, resolveUrl } from './fetch.js';

/** The models that come with the package, and their labels. */
export interface BundledModels {
  toxicity: 'toxicity' | 'severe_toxicity' | 'obscene' | 'threat' | 'insult' | 'identity_attack';
}

/** The name of a bundled model, the address of a model file, or its bytes. */
export type ModelSource = string | URL | ArrayBuffer | Uint8Array;

// Written out for each model: bundlers find files by these literal expressions.
const bundled: Record<keyof BundledModels, () => URL> = {
  toxicity: () => new URL('../models/toxicity.byteflow', import.meta.url),
};

/** The bytes of a model file, and what to call it in errors. */
export async function readModel(source: ModelSource, options: ReadOptions): Promise<{ bytes: Uint8Array; origin: string }> {
  if (source instanceof Uint8Array) return { bytes: source, origin: 'the model bytes' };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), origin: 'the model bytes' };
  const url = modelUrl(source);
  const response = await open(url, 'the model file', options.signal);
  return { bytes: await readBody(response, url, 'the model file', options), origin: url.href };
}

/** The address of a bundled model by its name; any other string is taken as a URL. */
export function modelUrl(source: string | URL): URL {
  if (source instanceof URL) return source;
  if (typeof source !== 'string') {
    throw new ByteflowError('invalid-argument', `a model is given by name, URL or bytes, not by ${source === null ? 'null' : typeof source}`);
  }
  if (Object.hasOwn(bundled, source)) return bundled[source as keyof BundledModels]();
  if (/^[\w-]*$/.test(source)) {
    throw new ByteflowError('not-found', `no bundled model is called ${JSON.stringify(source)}; there is ${Object.keys(bundled).join(', ')}`);
  }
  return resolveUrl(source);
}
