import { ByteflowError } from './errors.js';

/** How texts are looked for. */
export interface SearchOptions {
  /** Texts that are followed side by side, up to `maxBeams`; 1 is greedy search. Where it samples: samples. Default: 4; of `stream`: 1. */
  beams?: number | undefined;
  /** The most candidates that are given back, up to `beams`. Default: `beams`. */
  candidates?: number | undefined;
  /** The longest text to write, in UTF-8 bytes; one that reaches it is cut there. Default: `maxOutputBytes`, which it does not exceed. */
  maxBytes?: number | undefined;
  /** How much longer texts are favoured, 0 to 2: a score is divided by ((5 + bytes) / 6) ** alpha. Default: 0.6. */
  alpha?: number | undefined;

  /**
   * Makes it sample, as any of `temperature`, `topK`, `topP` and `seed` does: texts are drawn by their probability, in place of looking for the likeliest.
   * 0.01 to 100: below 1 what is likely is drawn more often than its probability says, above 1 less often. Default: 1.
   */
  temperature?: number | undefined;
  /** Makes it sample, as `temperature` does: draws each byte among so many of the likeliest. Default: all. */
  topK?: number | undefined;
  /** Makes it sample, as `temperature` does: draws each byte among the likeliest whose probabilities come to this sum, above 0 and up to 1. Default: 1. */
  topP?: number | undefined;
  /** Makes it sample, as `temperature` does. A whole number; the same seed gives the same texts on every machine. Default: 0. */
  seed?: number | undefined;
}

/** All that a search needs; `temperature` is there where it samples. Itself an argument of `completeSearch`. */
export interface Search extends SearchOptions {
  beams: number;
  candidates: number;
  maxBytes: number;
  alpha: number;
}

/** The options with their defaults; one that makes no sense is an error that names it. */
export function completeSearch(options: SearchOptions, { maxBeams, maxOutputBytes }: { maxBeams: number; maxOutputBytes: number }): Search {
  const { beams = 4, candidates = beams, maxBytes = maxOutputBytes, alpha = 0.6, topK } = options;
  requireWhole('beams', beams, 1, maxBeams);
  requireWhole('candidates', candidates, 1, beams);
  requireWhole('maxBytes', maxBytes, 1, Number.MAX_SAFE_INTEGER);
  requireNumber('alpha', alpha, 0, 2);
  const search = { beams, candidates, maxBytes: Math.min(maxBytes, maxOutputBytes), alpha };
  if ([options.temperature, topK, options.topP, options.seed].every((option) => option === undefined)) return search;
  const { temperature = 1, topP = 1, seed = 0 } = options;
  requireNumber('temperature', temperature, 0.01, 100);
  if (topK !== undefined) requireWhole('topK', topK, 1, 259); // the core's ids
  requireNumber('topP', topP, 1 / 65_536, 1); // the step in which the core counts it
  requireWhole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  return { ...search, temperature, topK, topP, seed };
}

const requireWhole = (name: string, value: unknown, lowest: number, highest: number) => requireNumber(name, value, lowest, highest, 'whole number');

function requireNumber(name: string, value: unknown, lowest: number, highest: number, kind = 'number'): void {
  const isKind = kind === 'number' ? typeof value === 'number' : Number.isInteger(value);
  if (isKind && (value as number) >= lowest && (value as number) <= highest) return;
  throw new ByteflowError('invalid-argument', `${name} must be a ${kind} from ${lowest} to ${highest}, not ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`);
}
