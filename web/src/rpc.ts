// Calls over a message port. A request carries an id and a verb, or an id alone to cancel; each of its replies carries the id again.
import { untilAborted } from './abort.js';
import { ByteflowError, type ByteflowErrorCode, reason } from './errors.js';

export interface VerbContext<Item = never> {
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
  /** Sends something before the answer. */
  emit: (item: Item) => void;
  /** Buffers of the answer that are moved, not copied. */
  transfer: Transferable[];
}

export type Verb = (args: never, context: VerbContext<unknown>) => Promise<unknown>;

type Request = { id: number; verb?: string; args?: unknown };
type Reply = { id: number } & ({ item: unknown } | { value: unknown } | { fault: Fault });
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
      const value = await (verbs as Record<string, Verb>)[verb]!(args as never, { signal, transfer, emit: (item) => reply({ item }) });
      reply({ value }, transfer);
    } catch (error) {
      reply({ fault: error instanceof ByteflowError ? { code: error.code, message: error.message } : { message: reason(error) } });
    } finally {
      running.delete(id);
    }
  };
}

export interface CallOptions<Item = unknown> {
  signal?: AbortSignal | undefined;
  /** Called with what the verb sends before its answer. */
  onItem?: ((item: Item) => void) | undefined;
  /** Buffers of the arguments that are moved, not copied. */
  transfer?: Transferable[] | undefined;
}

interface Call {
  onItem: ((item: never) => void) | undefined;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

type Args<V> = V extends (args: infer A, ...rest: never) => unknown ? A : never;
type Value<V> = V extends (...args: never) => Promise<infer T> ? T : never;
type Item<V> = V extends (args: never, context: VerbContext<infer I>) => unknown ? I : never;

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
  async call<Name extends keyof Verbs & string>(verb: Name, args: Args<Verbs[Name]>, options: CallOptions<Item<Verbs[Name]>> = {}): Promise<Value<Verbs[Name]>> {
    const { signal, onItem, transfer = [] } = options;
    signal?.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed.reason;
    const id = ++this.#lastId;
    this.#port.postMessage({ id, verb, args }, transfer);
    const answer = new Promise<unknown>((resolve, reject) => this.#calls.set(id, { onItem, resolve, reject }));
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
    if ('item' in reply) {
      try {
        return call.onItem?.(reply.item as never);
      } catch (error) {
        return call.reject(error); // else nobody would hear of it, and the call go on
      }
    }
    this.#calls.delete(reply.id);
    if ('value' in reply) return call.resolve(reply.value);
    const { code, message } = reply.fault;
    call.reject(code === undefined ? new Error(message) : new ByteflowError(code, message));
  }
}
