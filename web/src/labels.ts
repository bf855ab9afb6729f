import { ByteflowError } from './errors.js';

/** Throws unless `label` is one of a classifier's. */
export function requireLabel(label: unknown, labels: readonly string[]): void {
  if ((labels as readonly unknown[]).includes(label)) return;
  throw new ByteflowError('invalid-argument', `label must be one of ${labels.join(', ')}, not ${JSON.stringify(label)}`);
}
