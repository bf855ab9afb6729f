import type { Sample } from '../page/sample-button.js';

/** Sentences to rewrite, all of them mildly rude; the last is one that the model does not manage, as small as it is. */
export const rudeSamples: readonly Sample[] = [
  { kind: 'A question', text: 'what the hell were you thinking ?', rude: true },
  { kind: 'Scorn', text: 'Nobody asked for your stupid opinion.', rude: true },
  { kind: 'Impatience', text: 'I do not give a damn about your excuses.', rude: true },
  { kind: 'A verdict', text: 'your idea is complete crap .', rude: true },
  { kind: 'Too hard for it', text: 'You are a stupid idiot and your idea is crap.', rude: true },
];
