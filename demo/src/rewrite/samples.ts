/** Sentences to rewrite, all of them mildly rude. */
export const rudeSamples: readonly string[] = [
  'You are a stupid idiot and your idea is crap.',
  'What the hell were you thinking?',
  'Shut up and read the damn article.',
  'This is the dumbest thing I have ever read.',
];
