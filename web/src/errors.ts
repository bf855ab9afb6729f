/**
 * What went wrong, for programs; the message says it for people.
 *
 * - `invalid-argument`: a value of the wrong type or out of range was passed, or a model of the other kind: one that writes to `loadClassifier`, or one that scores to `loadGenerator`.
 * - `unsupported`: this engine lacks what is needed: WebAssembly, the backend asked for, a worker.
 * - `not-found`: no bundled model of that name, no such file, or HTTP 404.
 * - `network`: a request failed, or was answered with another HTTP error.
 * - `unexpected-html`: a web page came where a file was expected.
 * - `integrity`: a model file that has none of the digests asked for.
 * - `bad-wasm`: the WebAssembly file is damaged, or not byteflow's.
 * - `not-a-model`: the bytes are no model file.
 * - `unsupported-version`: a model file of a version or kind that this release does not read.
 * - `invalid-model`: a model file that is damaged or contradicts itself.
 * - `over-limit`: a file that is larger, or a model that takes more memory or work, than is allowed.
 * - `out-of-memory`: the model does not fit the memory a module may have.
 * - `worker-lost`: the worker died with the call; the next call starts another.
 * - `disposed`: the model was used after `dispose()`, or disposed of during the call.
 *
 * An aborted call is not among them: it rejects with the reason of its `AbortSignal`. Nor is what a callback throws, which is passed on, nor a call that breaks the
 * declared types in ways that cost too much to check, such as `null` in place of options: it ends with a `TypeError` of the engine.
 */
export type ByteflowErrorCode =
  | 'invalid-argument'
  | 'unsupported'
  | 'not-found'
  | 'network'
  | 'unexpected-html'
  | 'integrity'
  | 'bad-wasm'
  | 'not-a-model'
  | 'unsupported-version'
  | 'invalid-model'
  | 'over-limit'
  | 'out-of-memory'
  | 'worker-lost'
  | 'disposed';

export class ByteflowError extends Error {
  override readonly name = 'ByteflowError';

  constructor(
    readonly code: ByteflowErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export const disposed = (model: string): ByteflowError => new ByteflowError('disposed', `the model ${JSON.stringify(model)} was used after dispose()`);

/** What a caught value says of itself. */
export const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
