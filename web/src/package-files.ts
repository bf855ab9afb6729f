// The package's own files. Their addresses are written out one by one: bundlers find files by these literal expressions.
import type { Backend } from './backend.js';
import { modelFiles as bundled } from './generated/model-files.js';
import type { RuntimeFactory } from './runtime.js';

interface WasmFiles {
  /** The WebAssembly file's address, or its bytes. */
  wasm: () => URL | Uint8Array<ArrayBuffer>;
  glue: () => Promise<{ default: RuntimeFactory }>;
}

export const wasmFiles: Record<Backend, WasmFiles> = {
  relaxed: {
    wasm: () => new URL('../wasm/byteflow-relaxed.wasm', import.meta.url),
    glue: () => import('../wasm/byteflow-relaxed.mjs'),
  },
  simd128: {
    wasm: () => new URL('../wasm/byteflow-simd128.wasm', import.meta.url),
    glue: () => import('../wasm/byteflow-simd128.mjs'),
  },
  scalar: {
    wasm: () => new URL('../wasm/byteflow-scalar.wasm', import.meta.url),
    glue: () => import('../wasm/byteflow-scalar.mjs'),
  },
};

/** The models that come with the package. build.js writes the list. */
export const modelFiles: Readonly<Record<string, () => URL>> = bundled;

export const startWorker: (() => Worker) | undefined = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });

/** The scripts that run a backend, where they lie as the package ships them; a bundler puts them elsewhere, and lists them itself. */
export function scripts(backend: Backend): URL[] {
  const entry = import.meta.url;
  if (!/^https?:.*\/dist\/index\.js$/.test(entry)) return [];
  return ['index.js', 'worker.js', `../wasm/byteflow-${backend}.mjs`].map((path) => new URL(path, entry));
}
