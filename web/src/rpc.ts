// Calls over a message port. A request carries an id and a verb, or an id alone to cancel; each of its replies carries the id again.
import { untilAborted } from './abort.js';
import { ByteflowError, type ByteflowErrorCode, reason } from './errors.js';
import type { OnProgress, Progress } from './progress.js';

export interface VerbContext {
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
  onProgress: OnProgress;
  /** Buffers of the answer that are moved, not copied. */
  transfer: Transferable[];
}

/** Answers with a value, or with one item after another. */
export type Verb = (args: never, context: VerbContext) => Promise<unknown> | AsyncIterable<unknown>;

type Request = { id: number; verb?: string; args?: unknown };
type Reply = { id: number } & ({ progress: Progress } | { item: unknown } | { value: unknown } | { fault: Fault });
type Fault = { code?: ByteflowErrorCode; message: string };

/** Answers the calls that come through a port. */
export function serve(port: MessagePort, verbs: object): void {
  const running = new Map<number, AbortController>();
  port.onmessage = async ({ data: { id, verb, args } }: MessageEvent<Request>) => {
    if (verb === undefined) return running.get(id)?.abort();
    const controller = new AbortController();
    const { signal } = controller;
    const reply = (content: object, transfer: Transferable[] = []) => signal.aborted || port.postMessage({ id, ...content }, transfer);
    const transfer: Transferable[] = [];
    running.set(id, controller);
    try {
      const answer = (verbs as Record<string, Verb>)[verb]!(args as never, { signal, transfer, onProgress: (progress) => reply({ progress }) });
      if (Symbol.asyncIterator in answer) {
        for await (const item of answer) {
          if (signal.aborted) break;
          reply({ item });
        }
        reply({ value: undefined });
      } else reply({ value: await answer }, transfer);
    } catch (error) {
      reply({ fault: error instanceof ByteflowError ? { code: error.code, message: error.message } : { message: reason(error) } });
    } finally {
      running.delete(id);
    }
  };
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
  onItem?: ((item: unknown) => void) | undefined;
  /** Buffers of the arguments that are moved, not copied. */
  transfer?: Transferable[] | undefined;
}

interface Call extends CallOptions {
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

type Args<V> = V extends (args: infer A, ...rest: never) => unknown ? A : never;
type Value<V> = V extends (...args: never) => Promise<infer T> ? T : void;
type Item<V> = V extends (...args: never) => AsyncIterable<infer T> ? T : never;

/** The caller's end of a port: `Verbs` says what is answered at the other. */
export class Remote<Verbs> {
  readonly #port: MessagePort;
  readonly #calls = new Map<number, Call>();
  #lastId = 0;
  #closed: { reason: unknown } | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<Reply>) => this.#receive(data);
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Rejects as soon as the signal is aborted, whatever the other end is doing. */
  async call<Name extends keyof Verbs & string>(verb: Name, args: Args<Verbs[Name]>, options: CallOptions = {}): Promise<Value<Verbs[Name]>> {
    const { signal, transfer = [] } = options;
    signal?.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed.reason;
    const id = ++this.#lastId;
    this.#port.postMessage({ id, verb, args }, transfer);
    const answer = new Promise<unknown>((resolve, reject) => this.#calls.set(id, { ...options, resolve, reject }));
    try {
      return (await untilAborted(answer, signal)) as Value<Verbs[Name]>;
    } finally {
      if (this.#calls.delete(id)) this.#port.postMessage({ id });
    }
  }

  /** Rejects the calls under way and all later ones. */
  close(reason: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = { reason };
    for (const call of this.#calls.values()) call.reject(reason);
    this.#calls.clear();
    this.#port.close();
  }

  #receive(reply: Reply): void {
    const call = this.#calls.get(reply.id);
    if (call === undefined) return; // cancelled meanwhile
    if ('progress' in reply) return call.onProgress?.(reply.progress);
    if ('item' in reply) return call.onItem?.(reply.item);
    this.#calls.delete(reply.id);
    if ('value' in reply) return call.resolve(reply.value);
    const { code, message } = reply.fault;
    call.reject(code === undefined ? new Error(message) : new ByteflowError(code, message));
  }
}

/** A call whose answer is read item by item; a reader that stops cancels it. */
export async function* stream<Verbs, Name extends keyof Verbs & string>(
  remote: Remote<Verbs>,
  verb: Name,
  args: Args<Verbs[Name]>,
  { signal, ...options }: CallOptions = {},
): AsyncGenerator<Item<Verbs[Name]>, void> {
  const items: unknown[] = [];
  let isOpen = true;
  let wake = () => {};
  const onItem = (item: unknown) => {
    items.push(item);
    wake();
  };
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const end = remote.call(verb, args, { ...options, onItem, signal: stop.signal }).finally(() => {
    isOpen = false;
    wake();
  });
  end.catch(() => {}); // it is awaited below, but maybe not at once
  try {
    while (isOpen || items.length > 0) {
      if (items.length > 0) yield items.shift() as Item<Verbs[Name]>;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    await end;
  } finally {
    signal?.removeEventListener('abort', abort);
    stop.abort();
  }
}
