import { type Generator, loadGenerator, type Progress } from 'byteflow';
import { startModelWorker } from './model-workers.js';

const loaded = new Map<string, Promise<Generator>>();

/**
 * A model that writes, loaded when it is first asked for. `?NAME=ADDRESS` in the page's address puts a model of one's own in its place, from the same site: a link must not
 * make the page ask another.
 */
export function generator(name: string, onProgress?: (progress: Progress) => void): Promise<Generator> {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const loading = load(name, onProgress);
  loading.catch(() => loaded.delete(name)); // the next call tries again
  loaded.set(name, loading);
  return loading;
}

async function load(name: string, onProgress: ((progress: Progress) => void) | undefined): Promise<Generator> {
  const own = new URLSearchParams(location.search).get(name);
  const source = own === null ? name : new URL(own, document.baseURI);
  if (source instanceof URL && source.origin !== location.origin) throw new Error(`${source.href} is not of this site: a model given in the page's address must be`);
  return loadGenerator(source, { worker: startModelWorker, onProgress });
}
