// Comments to try the tab with: harmless beginnings and ends put together, a few of them mildly rude.
const openings = ['I read the article twice and', 'After the last meeting', 'To be honest,', 'In my view', 'As somebody from the town', 'Having looked it up,', 'My neighbour says', 'Once more'];
const middles = ['the new bus line is', 'the second paragraph is', 'your photograph of the bridge is', 'the recipe with lemons is', 'this whole discussion is', 'the library at night is', 'your last answer is'];
const ends = ['a pleasure, thank you.', 'not quite right; see the source below.', 'better than I expected.', 'too long, but useful.', 'hard to follow.', 'what I was looking for.', 'fine by me.'];
const rudeEnds = ['complete crap.', 'the work of an idiot.', 'as stupid as you are.'];

// Of eleven comments one is rude.
const rudeEvery = 11;

export function madeUpComments(size: number): string {
  const lines = Array.from({ length: size }, (_, i) => {
    const of = (parts: readonly string[], step: number): string => parts[(i * step) % parts.length]!;
    return `${of(openings, 1)} ${of(middles, 3)} ${i % rudeEvery === 5 ? of(rudeEnds, 1) : of(ends, 5)}`;
  });
  return lines.join('\n');
}
