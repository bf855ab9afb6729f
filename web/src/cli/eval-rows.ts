import { Failure } from './failure.js';

/** Options of every task of `eval`. */
export const evalOptions = {
  task: { type: 'string' },
  split: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

interface EvalValues {
  split?: string | undefined;
}

export const isWanted = (split: string | undefined, values: EvalValues): boolean => values.split === undefined || split === values.split;

export function requireRows(rows: number, { split }: EvalValues): void {
  if (rows === 0) throw new Failure(split === undefined ? 'there is no row to evaluate' : `no row has the split "${split}"`);
}
