import { ByteflowError } from './errors.js';

/** Throws unless `text` is a string; `what` names it. */
export function requireText(text: unknown, what: string): asserts text is string {
  if (typeof text === 'string') return;
  throw new ByteflowError('invalid-argument', `${what} must be a string, not ${text === null ? 'null' : typeof text}`);
}
