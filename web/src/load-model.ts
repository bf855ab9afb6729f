import { ByteflowError } from './errors.js';
import { resolveUrl } from './fetch.js';
import type { RuntimeOptions } from './loader.js';
import type { ModelRequest } from './model-file.js';
import { type ModelOptions, type ModelSource, requestModel } from './model-source.js';
import { startWorker } from './package-files.js';
import type { DomWorker } from './platform.js';
import { WorkerUnavailable } from './worker-connection.js';

export interface LoadOptions extends RuntimeOptions, ModelOptions {
  /**
   * Whether the model runs in a worker of its own, or how to start a worker that imports `byteflow/worker`. Default: in a page, yes; elsewhere, no.
   * Where a worker cannot be started the model runs on the calling thread, and `workerFault` says why.
   */
  worker?: boolean | (() => DomWorker) | undefined;
}

/** @internal How one kind of model is loaded: in a worker, or on the calling thread. */
export interface Places<T> {
  inWorker(start: () => Worker, request: ModelRequest, options: RuntimeOptions): Promise<T>;
  here(request: ModelRequest, options: RuntimeOptions, workerFault?: ByteflowError): Promise<T>;
}

/** @internal Loads a model where it is to run. */
export async function loadModel<T>(source: ModelSource, options: LoadOptions, { inWorker, here }: Places<T>): Promise<T> {
  const { signal, wasmUrl } = options;
  signal?.throwIfAborted();
  const request = requestModel(source, options);
  const loadOptions = { ...options, wasmUrl: wasmUrl && resolveUrl(wasmUrl).href };
  const start = workerStarter(options.worker);
  if (start === undefined) return here(request, loadOptions);
  try {
    return await inWorker(start, request, loadOptions);
  } catch (error) {
    if (!(error instanceof WorkerUnavailable)) throw error;
    return here(request, loadOptions, error);
  }
}

function workerStarter(worker: LoadOptions['worker'] = typeof document === 'object'): (() => Worker) | undefined {
  if (typeof worker !== 'boolean' && typeof worker !== 'function') {
    throw new ByteflowError('invalid-argument', `worker must be true, false, or a function that starts a worker, not ${String(worker)}`);
  }
  return worker === true ? startWorker : worker || undefined;
}
