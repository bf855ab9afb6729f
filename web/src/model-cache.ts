import { checkIntegrity } from './integrity.js';

const name = 'byteflow';

// A cache keeps answers to addresses. This one is never asked for: the digest alone is the key.
const address = (integrity: string) => `https://byteflow.invalid/${encodeURIComponent(integrity)}`;

/** The file of that digest, where there is a cache and it holds one. An entry that was altered is thrown away. */
export async function fromCache(integrity: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const cache = await caches.open(name);
    const response = await cache.match(address(integrity));
    if (response === undefined) return undefined;
    const bytes = new Uint8Array(await response.arrayBuffer());
    await checkIntegrity(bytes, integrity, 'the cached file').catch(async (error: unknown) => {
      await cache.delete(address(integrity));
      throw error;
    });
    return bytes;
  } catch {
    return undefined; // no cache is no failure: the file is read from its address
  }
}

/** Keeps a file that has proved to be good. */
export async function toCache(integrity: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    const cache = await caches.open(name);
    await cache.put(address(integrity), new Response(bytes));
  } catch {
    // No cache, or a full one: the next load reads the file from its address again.
  }
}
