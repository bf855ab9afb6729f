// A program of a page, with types of the DOM library in the options of a load: it is compiled, never run.
import { loadClassifier } from 'byteflow';

export async function load(wasmModule: WebAssembly.Module): Promise<void> {
  await loadClassifier('toxicity', { worker: () => new Worker(new URL('./mine.js', import.meta.url), { type: 'module' }) });
  await loadClassifier('toxicity', { backend: 'simd128', wasmModule });
  await loadClassifier('toxicity', { backend: 'simd128', wasmBinary: await (await fetch('simd128.wasm')).arrayBuffer() });
  // @ts-expect-error: an address starts no worker
  await loadClassifier('toxicity', { worker: () => new URL('./mine.js', import.meta.url) });
}
