import { untilAborted } from './abort.js';
import type { Backend } from './backend.js';
import { ByteflowError, disposed } from './errors.js';
import { loadRuntime, type RuntimeOptions } from './loader.js';
import { toCache } from './model-cache.js';
import { type ModelRequest, readModel } from './model-file.js';
import { inPhase } from './progress.js';
import type { RawModel, Runtime } from './runtime.js';
import { requireText } from './text.js';

type RawOf<Kind extends keyof Runtime> = NonNullable<ReturnType<Runtime[Kind]['create']>>;

// In the order of `enum class Code` in core/include/byteflow/status.h.
const statusCodes = ['ok', 'not-a-model', 'unsupported-version', 'invalid-model', 'invalid-argument', 'out-of-memory', 'over-limit'] as const;

/** Loads a model that runs on this thread. */
export function loadRaw<Kind extends keyof Runtime>(kind: Kind, request: ModelRequest, options: RuntimeOptions): Promise<RawOf<Kind>> {
  return untilAborted(load(kind, request, options), options.signal);
}

async function load<Kind extends keyof Runtime>(kind: Kind, request: ModelRequest, options: RuntimeOptions): Promise<RawOf<Kind>> {
  const { signal, onProgress } = options;
  const [{ bytes, origin, isCached }, runtime] = await Promise.all([readModel(request, { signal, onBytes: inPhase('model', onProgress) }), loadRuntime(options)]);
  signal?.throwIfAborted();

  const raw = runtime[kind].create(bytes.length);
  if (raw === null) throw new ByteflowError('out-of-memory', `${origin}: no memory for a model of ${bytes.length} bytes`);
  raw.modelBuffer().set(bytes);
  const code = statusCodes[raw.load()];
  if (code !== 'ok') {
    const fault = raw.errorMessage();
    raw.delete();
    throw new ByteflowError(code ?? 'invalid-model', `${origin}: ${fault}`);
  }
  // The relaxed module falls back to simd128 by itself where the engine's relaxed instructions would change a result.
  if (options.backend !== undefined && raw.backend() !== options.backend) {
    raw.delete();
    throw new ByteflowError('unsupported', `this engine's relaxed SIMD is not exact on this machine, so the relaxed backend cannot run; simd128 can`);
  }
  if (request.cacheKey !== undefined && !isCached) await toCache(request.cacheKey, bytes);
  return raw as RawOf<Kind>;
}

/** A model on the thread of its caller. */
export abstract class DirectModel<Raw extends RawModel> {
  #raw: Raw | undefined;
  readonly #encoder = new TextEncoder();

  readonly model: string;
  readonly backend: Backend;
  readonly maxBytes: number;
  readonly inWorker = false;

  constructor(
    raw: Raw,
    readonly workerFault: ByteflowError | undefined,
  ) {
    this.#raw = raw;
    this.model = raw.name();
    this.backend = raw.backend() as Backend;
    this.maxBytes = raw.maxBytes();
  }

  dispose(): void {
    this.#raw?.delete();
    this.#raw = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }

  /** @internal */
  protected alive(): Raw {
    if (this.#raw === undefined) throw disposed(this.model);
    return this.#raw;
  }

  // encodeInto stops where the next character no longer fits, which is the core's own rule for a long text.
  /** @internal */
  protected encode(raw: Raw, text: string, what: string): TextEncoderEncodeIntoResult {
    requireText(text, what);
    return this.#encoder.encodeInto(text, raw.textBuffer().subarray(0, this.maxBytes));
  }
}
