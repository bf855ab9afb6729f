import { untilAborted } from './abort.js';
import { DirectModel, loadRaw } from './direct-model.js';
import type { ByteflowError } from './errors.js';
import type { Candidate, GenerateOptions, Generation, Generator, StreamOptions } from './generator.js';
import { itemsOf } from './items.js';
import type { RuntimeOptions } from './loader.js';
import type { ModelRequest } from './model-file.js';
import type { RawGenerator } from './runtime.js';
import { completeSearch, type Search } from './search-options.js';
import { takeTurns } from './turns.js';
import { utf8Length } from './utf8.js';

/** Loads a model that runs on this thread; `workerFault` says why, where it should have been a worker. */
export async function loadDirectly(request: ModelRequest, options: RuntimeOptions, workerFault?: ByteflowError): Promise<DirectGenerator> {
  return new DirectGenerator(await loadRaw('Generator', request, options), workerFault);
}

/** A generator on the thread of its caller. */
export class DirectGenerator extends DirectModel<RawGenerator> implements Generator {
  readonly maxOutputBytes: number;
  readonly maxBeams: number;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true }); // a byte order mark is a character like any other
  #last: Promise<void> = Promise.resolve(); // the end of the last call

  constructor(raw: RawGenerator, workerFault: ByteflowError | undefined) {
    super(raw, workerFault);
    this.maxOutputBytes = raw.maxLength();
    this.maxBeams = raw.maxBeams();
  }

  generate(text: string, options?: GenerateOptions): Promise<Generation>;
  generate(texts: readonly string[], options?: GenerateOptions): Promise<Generation[]>;
  generate(texts: string | readonly string[], options?: GenerateOptions): Promise<Generation | Generation[]>;
  async generate(texts: string | readonly string[], { signal, onStep, ...options }: GenerateOptions = {}): Promise<Generation | Generation[]> {
    signal?.throwIfAborted();
    this.alive();
    const search = completeSearch(options, this);
    const one = (text: string, what: string, index: number) => this.#write(text, what, search, signal, onStep && (() => onStep(this.#beams(), index)));
    if (!Array.isArray(texts)) return one(texts as string, 'the text', 0);
    const generations: Generation[] = [];
    for (const [i, text] of texts.entries()) generations.push(await one(text, `texts[${i}]`, i));
    return generations;
  }

  stream(text: string, { signal, ...options }: StreamOptions = {}): AsyncGenerator<string, void, undefined> {
    return itemsOf<string>((emit, signal) => this.write(text, { beams: 1, ...options, signal }, emit), signal);
  }

  async fingerprint({ signal }: Pick<StreamOptions, 'signal'> = {}): Promise<string> {
    const found = this.#last.then(() => {
      signal?.throwIfAborted();
      return this.alive().fingerprint();
    });
    this.#last = found.then(
      () => {},
      () => {},
    );
    return untilAborted(found, signal);
  }

  /** Gives the best text in pieces, each as soon as it is known. */
  async write(text: string, { signal, ...options }: StreamOptions, emit: (piece: string) => void): Promise<void> {
    signal?.throwIfAborted();
    let written = 0;
    const goOn = (known: string) => {
      if (known.length > written) emit(known.slice(written));
      written = Math.max(written, known.length);
    };
    const { candidates } = await this.#write(text, 'the text', completeSearch(options, this), signal, () => goOn(this.#agreed()));
    goOn(candidates[0]!.text);
  }

  async #write(text: string, what: string, { beams, candidates, maxBytes, alpha, ...sampling }: Search, signal: AbortSignal | undefined, onStep: (() => void) | undefined): Promise<Generation> {
    const raw = this.alive();
    const turns = takeTurns();
    const before = this.#last;
    let done = () => {};
    const end = new Promise<void>((resolve) => (done = resolve));
    this.#last = before.then(() => end); // also where this call is aborted while it waits
    try {
      await untilAborted(before, signal);
      const { read, written } = this.encode(this.alive(), text, what);
      if (sampling.temperature === undefined) raw.begin(written, beams, maxBytes, alpha);
      else raw.beginSampling(written, beams, maxBytes, alpha, sampling.temperature, sampling.topK ?? 0, sampling.topP!, sampling.seed!);
      while (this.alive().step()) {
        onStep?.();
        await turns.next();
        signal?.throwIfAborted();
      }
      onStep?.();
      return { candidates: this.#texts(raw.candidates()).slice(0, candidates), bytes: written + utf8Length(text, read), truncated: read < text.length };
    } finally {
      turns.end();
      done();
    }
  }

  /** Those under way and those that have ended, best first. */
  #beams(): Candidate[] {
    const raw = this.alive();
    return [...this.#texts(raw.candidates()), ...this.#texts(raw.drafts())].sort((a, b) => b.score - a.score);
  }

  /** What the best text will begin with, whichever of those under way or ended that will be. */
  #agreed(): string {
    const raw = this.alive();
    const best = this.#texts(raw.candidates()).slice(0, 1);
    const texts = [...best, ...this.#texts(raw.drafts())].map(({ text }) => text);
    return texts.reduce(commonStart);
  }

  /** The texts of a list that the core has just made. */
  #texts(list: Float64Array): Candidate[] {
    const bytes = this.alive().texts();
    const texts: Candidate[] = [];
    for (let i = 0, at = 0; i < list.length; i += 3) {
      const end = at + list[i]!;
      texts.push({ text: this.#decoder.decode(bytes.subarray(at, end)), score: list[i + 1]!, complete: list[i + 2] === 1 });
      at = end;
    }
    return texts;
  }
}

function commonStart(a: string, b: string): string {
  let end = 0;
  while (end < a.length && a[end] === b[end]) end++;
  if (isHighSurrogate(a.charCodeAt(end - 1))) end--; // the characters differ in their second half
  return a.slice(0, end);
}

const isHighSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xd800;
