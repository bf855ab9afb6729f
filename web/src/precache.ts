import { type Backend, chooseBackend } from './backend.js';
import { modelUrl } from './model-source.js';
import { modelFiles, scripts, wasmFiles } from './package-files.js';

export interface PrecacheOptions {
  /** Names of bundled models and addresses of others. Default: all that are bundled. */
  models?: readonly (string | URL)[] | undefined;
  /** Default: the best this engine can load. */
  backend?: Backend | undefined;
}

/** The addresses a service worker has to keep for byteflow to work offline. The scripts are among them unless a bundler has moved them: it lists its own. */
export function precache({ models = Object.keys(modelFiles), backend }: PrecacheOptions = {}): string[] {
  const chosen = chooseBackend(backend);
  const wasm = wasmFiles[chosen].wasm();
  return [...scripts(chosen), ...(wasm instanceof URL ? [wasm] : []), ...models.map(modelUrl)].map((url) => url.href);
}
