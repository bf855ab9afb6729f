import { type Backend, chooseBackend } from './backend.js';
import { ByteflowError, reason } from './errors.js';
import { readBytes, resolveUrl } from './fetch.js';
import { version } from './generated/version.js';
import { wasmFiles } from './package-files.js';
import type { WasmModule } from './platform.js';
import { inPhase, type OnProgress } from './progress.js';
import type { Runtime, RuntimeFactory } from './runtime.js';

export interface RuntimeOptions {
  /** Default: the best this engine can load. */
  backend?: Backend | undefined;
  /** Where the WebAssembly file of `backend` is served, when not beside the package. The three overrides need `backend`, since each backend has its own file. */
  wasmUrl?: string | URL | undefined;
  /** The WebAssembly file of `backend`, already read. */
  wasmBinary?: ArrayBuffer | ArrayBufferView | undefined;
  /** The WebAssembly module of `backend`, already compiled. */
  wasmModule?: WasmModule | undefined;
  signal?: AbortSignal | undefined;
  /** Called as files are read. */
  onProgress?: OnProgress | undefined;
}

/** @internal A new instance of byteflow's WebAssembly module. */
export async function loadRuntime(options: RuntimeOptions): Promise<Runtime> {
  const override = options.wasmModule ?? options.wasmBinary ?? options.wasmUrl;
  if (override !== undefined && options.backend === undefined) {
    throw new ByteflowError('invalid-argument', 'wasmUrl, wasmBinary and wasmModule need `backend`: each backend has its own WebAssembly file');
  }
  const backend = chooseBackend(options.backend);
  const [{ default: factory }, module] = await Promise.all([loadGlue(backend), compile(backend, options)]);
  checkBuild(module, `${version} ${backend}`);
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown) => reject(badWasm(`the WebAssembly module is not byteflow's ${backend} module of this version`, cause));
    const instantiateWasm: Parameters<RuntimeFactory>[0]['instantiateWasm'] = (imports, receive) => {
      WebAssembly.instantiate(module, imports)
        .then((instance) => receive(instance, module))
        .catch(refuse);
      return {}; // Emscripten: the exports come later
    };
    factory({ instantiateWasm }).then(resolve, refuse);
  });
}

// Modules of two builds may fit one glue and mean something else by it: names of imports and exports are a letter or two.
function checkBuild(module: WebAssembly.Module, expected: string): void {
  const [section] = WebAssembly.Module.customSections(module, 'byteflow');
  const found = section && new TextDecoder().decode(section);
  if (found === expected) return;
  throw new ByteflowError('bad-wasm', `the WebAssembly module is ${found === undefined ? "not byteflow's" : `byteflow ${found}`}, and this is byteflow ${expected}: serve the files of one version of the package together`);
}

async function loadGlue(backend: Backend): Promise<{ default: RuntimeFactory }> {
  return wasmFiles[backend].glue().catch((cause: unknown) => {
    throw new ByteflowError('not-found', `the script of byteflow's ${backend} module could not be loaded: ${reason(cause)}`, { cause });
  });
}

async function compile(backend: Backend, { wasmModule, wasmBinary, wasmUrl, signal, onProgress }: RuntimeOptions): Promise<WebAssembly.Module> {
  if (wasmModule !== undefined) return wasmModule;
  const wasm = wasmBinary ?? (wasmUrl === undefined ? wasmFiles[backend].wasm() : resolveUrl(wasmUrl));
  if (!(wasm instanceof URL)) return compileBytes(wasm, `the WebAssembly binary of ${backend}`);
  const what = `byteflow's WebAssembly file (${backend})`;
  // Not compileStreaming: it hides what came in place of the file, and how much of it.
  return compileBytes(await readBytes(wasm, what, { signal, onBytes: inPhase('wasm', onProgress) }), wasm.href);
}

async function compileBytes(binary: ArrayBuffer | ArrayBufferView, origin: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(binary as BufferSource).catch((cause: unknown) => {
    throw badWasm(`${origin} is not a valid WebAssembly file`, cause);
  });
}

function badWasm(fault: string, cause: unknown): ByteflowError {
  return new ByteflowError('bad-wasm', `${fault}: ${reason(cause)}`, { cause });
}
