import type { Sample } from '../page/sample-button.js';

/** Sentences to rewrite, all of them mildly rude. */
export const rudeSamples: readonly Sample[] = [
  { kind: 'An insult', text: 'You are a stupid idiot and your idea is crap.', rude: true },
  { kind: 'A question', text: 'What the hell were you thinking?', rude: true },
  { kind: 'An order', text: 'Shut up and read the damn article.', rude: true },
  { kind: 'A verdict', text: 'This is the dumbest thing I have ever read.', rude: true },
];
