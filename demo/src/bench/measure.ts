import { type Backend, ByteflowError, loadClassifier } from 'byteflow';
import { startModelWorker } from '../models/model-workers.js';
import { comments, lengths, textOf } from './sentences.js';

export interface Measured {
  backend: Backend;
  /** Why the backend cannot run here; then there are no figures. */
  fault?: string;
  /** Of `comments`. */
  commentsPerSecond?: number;
  /** For each of `lengths`. */
  milliseconds?: number[];
  /** The outputs for all comments, to compare backends bit by bit. */
  bits?: string;
}

// In ms. A series is long enough for the median of several messages; a message for the clock, which ticks in tenths at best.
const series = 500;
const message = 20;
const fewest = 5;

/** Times one backend. `onStep` is told the share that is done. */
export async function measure(backend: Backend, signal: AbortSignal, onStep: (share: number) => void): Promise<Measured> {
  const model = await loadClassifier('toxicity', { backend, worker: startModelWorker, signal }).catch((error: unknown) => {
    if (error instanceof ByteflowError && error.code === 'unsupported') return error.message;
    throw error;
  });
  if (typeof model === 'string') return { backend, fault: model };
  try {
    const timeOf = (texts: readonly string[]) => timeOfText((batch) => model.score(batch, { signal }), texts, signal);
    await timeOf(comments); // warm: the engine compiles better what has run for a while
    const steps = lengths.length + 1;
    const milliseconds: number[] = [];
    for (const [i, length] of lengths.entries()) {
      onStep(i / steps);
      milliseconds.push(await timeOf(Array.from({ length: 16 }, (_, which) => textOf(length, which))));
    }
    onStep(lengths.length / steps);
    const commentsPerSecond = 1000 / (await timeOf(comments));
    const bits: string[] = [];
    for (const comment of comments) bits.push(new Uint32Array((await model.logits(comment, { signal })).buffer).join());
    return { backend, milliseconds, commentsPerSecond, bits: bits.join(';') };
  } finally {
    model.dispose();
  }
}

/** The median time of a text, in ms, in messages of many texts. */
async function timeOfText(score: (texts: string[]) => Promise<unknown>, texts: readonly string[], signal: AbortSignal): Promise<number> {
  const once = await timeOfCall(() => score([...texts]));
  const repeats = Math.max(1, Math.ceil(message / once));
  const batch = Array.from({ length: repeats }, () => texts).flat();
  const times: number[] = [];
  const end = performance.now() + series;
  while (performance.now() < end || times.length < fewest) {
    signal.throwIfAborted();
    times.push((await timeOfCall(() => score(batch))) / batch.length);
  }
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}

async function timeOfCall(call: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await call();
  return performance.now() - started;
}
