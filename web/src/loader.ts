import { type Backend, chooseBackend } from './backend.js';
import { ByteflowError, reason } from './errors.js';
import { open, readBody, resolveUrl } from './fetch.js';
import type { Runtime, RuntimeFactory } from './runtime.js';

export interface RuntimeOptions {
  /** Default: the best this engine can load. */
  backend?: Backend | undefined;
  /** Where the WebAssembly file of `backend` is served, when not beside the package. The three overrides need `backend`, since each backend has its own file. */
  wasmUrl?: string | URL | undefined;
  /** The WebAssembly file of `backend`, already read. */
  wasmBinary?: BufferSource | undefined;
  /** The WebAssembly module of `backend`, already compiled. */
  wasmModule?: WebAssembly.Module | undefined;
  signal?: AbortSignal | undefined;
}

interface Files {
  url: () => URL;
  glue: () => Promise<{ default: RuntimeFactory }>;
}

// Written out for each backend: bundlers find files by these literal expressions.
const files: Record<Backend, Files> = {
  relaxed: {
    url: () => new URL('../wasm/byteflow-relaxed.wasm', import.meta.url),
    glue: () => import('../wasm/byteflow-relaxed.mjs'),
  },
  simd128: {
    url: () => new URL('../wasm/byteflow-simd128.wasm', import.meta.url),
    glue: () => import('../wasm/byteflow-simd128.mjs'),
  },
  scalar: {
    url: () => new URL('../wasm/byteflow-scalar.wasm', import.meta.url),
    glue: () => import('../wasm/byteflow-scalar.mjs'),
  },
};

/** A new instance of byteflow's WebAssembly module. */
export async function loadRuntime(options: RuntimeOptions): Promise<Runtime> {
  const override = options.wasmModule ?? options.wasmBinary ?? options.wasmUrl;
  if (override !== undefined && options.backend === undefined) {
    throw new ByteflowError('invalid-argument', 'wasmUrl, wasmBinary and wasmModule need `backend`: each backend has its own WebAssembly file');
  }
  const backend = chooseBackend(options.backend);
  const [{ default: factory }, module] = await Promise.all([loadGlue(backend), compile(backend, options)]);
  return new Promise((resolve, reject) => {
    const instantiateWasm: Parameters<RuntimeFactory>[0]['instantiateWasm'] = (imports, receive) => {
      WebAssembly.instantiate(module, imports)
        .then((instance) => receive(instance, module))
        .catch((cause: unknown) => reject(badWasm(`the WebAssembly module is not byteflow's ${backend} module of this version`, cause)));
      return {}; // Emscripten: the exports come later
    };
    factory({ instantiateWasm }).then(resolve, reject);
  });
}

async function loadGlue(backend: Backend): Promise<{ default: RuntimeFactory }> {
  return files[backend].glue().catch((cause: unknown) => {
    throw new ByteflowError('not-found', `the script of byteflow's ${backend} module could not be loaded: ${reason(cause)}`, { cause });
  });
}

async function compile(backend: Backend, { wasmModule, wasmBinary, wasmUrl, signal }: RuntimeOptions): Promise<WebAssembly.Module> {
  if (wasmModule !== undefined) return wasmModule;
  if (wasmBinary !== undefined) return compileBytes(wasmBinary, 'wasmBinary');

  const url = wasmUrl === undefined ? files[backend].url() : resolveUrl(wasmUrl);
  const what = `byteflow's WebAssembly file (${backend})`;
  const response = await open(url, what, signal);
  if (response.headers.get('content-type') !== 'application/wasm') {
    return compileBytes(await readBody(response, url, what, { signal }), url.href);
  }
  return WebAssembly.compileStreaming(response).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw badWasm(`${url} is not a valid WebAssembly file`, cause);
  });
}

async function compileBytes(binary: BufferSource, origin: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(binary).catch((cause: unknown) => {
    throw badWasm(`${origin} is not a valid WebAssembly file`, cause);
  });
}

function badWasm(fault: string, cause: unknown): ByteflowError {
  return new ByteflowError('bad-wasm', `${fault}: ${reason(cause)}`, { cause });
}
