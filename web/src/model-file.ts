import { readBytes, type ReadOptions } from './fetch.js';
import { checkIntegrity } from './integrity.js';
import { fromCache } from './model-cache.js';

/** A model to load, as a message to a worker can hold it. */
export interface ModelRequest {
  /** The file's whole address, or its bytes. */
  source: string | Uint8Array<ArrayBuffer>;
  integrity: string | undefined;
  /** The `integrity` under which the file is cached. */
  cacheKey: string | undefined;
}

export interface ModelFile {
  bytes: Uint8Array<ArrayBuffer>;
  /** What to call it in errors. */
  origin: string;
  isCached: boolean;
}

/** A model file, its integrity checked. */
export async function readModel({ source, integrity, cacheKey }: ModelRequest, options: ReadOptions): Promise<ModelFile> {
  const origin = typeof source === 'string' ? source : 'the model bytes';
  const cached = cacheKey === undefined ? undefined : await fromCache(cacheKey);
  if (cached !== undefined) return { bytes: cached, origin, isCached: true };
  const bytes = typeof source === 'string' ? await readBytes(new URL(source), 'the model file', options) : source;
  if (integrity !== undefined) await checkIntegrity(bytes, integrity, origin);
  return { bytes, origin, isCached: false };
}
