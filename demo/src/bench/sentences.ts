// What is timed: comments as people write them, some thirty to four hundred bytes long.
export const comments: readonly string[] = [
  'Thanks, that was quick!',
  'I do not agree, but I see your point.',
  'Could you please add a source for the second claim?',
  'The bridge was closed for two years, and the bus took the long way round.',
  'My grandmother baked this bread every Saturday, and nobody ever wrote the recipe down.',
  'It says here that the library opens at nine. I stood in front of it at ten, and it was closed.',
  'The first half of the article is very good. The second half repeats what has been said, and the pictures do not fit the text.',
  'Whoever planned this crossing has never crossed it on foot: the light turns red when you are in the middle, and the cars do not wait for anybody.',
  'I have read both versions twice. The older one is shorter and clearer, the newer one has the better sources. Why not take the text of the one and the notes of the other? I could do it at the weekend.',
  'We moved here three years ago because of the school, and we have not regretted it. The teachers know every child by name, the garden is open in the afternoon, and there is a small workshop where old bicycles are repaired. What is missing is a safe way to get there: the road has no pavement, and in winter it is dark when the first lesson begins.',
];

/** In bytes: from a line to more than most comments have. The model reads 4,096. */
export const lengths: readonly number[] = [25, 50, 100, 200, 400, 800];

/** A text of so many bytes, cut out of the comments, which are ASCII. Each `which` begins elsewhere. */
export function textOf(length: number, which: number): string {
  const all = comments.join(' ');
  const start = (which * 97) % all.length;
  return (all + all).slice(start, start + length).padEnd(length, ' and so on');
}
