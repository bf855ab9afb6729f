import type { Sample } from '../page/sample-button.js';

/** Texts to try. The rude ones are mild. */
export const samples: readonly Sample[] = [
  { kind: 'Thanks', text: 'Thank you for the careful edit, it reads much better now.', rude: false },
  { kind: 'Disagreement', text: 'I think this paragraph is wrong, and here is a source.', rude: false },
  { kind: 'A harmless word', text: 'I took the bus from Scunthorpe to see some classic cars.', rude: false },
  { kind: 'An insult', text: 'You are a stupid idiot.', rude: true },
  { kind: 'Swearing', text: 'What the hell is this crap?', rude: true },
  { kind: 'A threat', text: 'I will find you and you will be sorry.', rude: true },
];
