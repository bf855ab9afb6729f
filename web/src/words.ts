/** A word of a text, and where it stands, in UTF-16 code units: `text.slice(start, end)` is the word. */
export interface Word {
  start: number;
  end: number;
  text: string;
}

const letters = /[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*/gu;

// What has a digit in it, or looks like an address, a path or a name of a program.
const noProse = /[\p{N}@/\\_]|\p{L}\.\p{L}/u;

/**
 * The words of a text that a corrector of spelling should look at: runs of letters, in no address, path or name with digits. With `from` and `to` those that lie, begin or end
 * between the two places, whole where a place cuts them.
 */
export function wordsIn(text: string, from = 0, to = text.length): Word[] {
  const words: Word[] = [];
  let begin = from;
  while (begin > 0 && /\S/.test(text.charAt(begin - 1))) begin--; // to where what is cut by `from` begins
  for (const { index, 0: chunk } of text.slice(begin).matchAll(/\S+/g)) {
    if (begin + index > to) break;
    if (noProse.test(chunk)) continue;
    for (const { index: at, 0: word } of chunk.matchAll(letters)) {
      const found = { start: begin + index + at, end: begin + index + at + word.length, text: word };
      if (found.end >= from && found.start <= to) words.push(found);
    }
  }
  return words;
}

/** A correction as it is written in place of a word: at the beginning of a sentence, and in names, the word keeps its capital, and what is all capitals stays so. */
export function withCapitalOf(word: string, correction: string): string {
  if (/^\p{Lu}{2,}$/u.test(word)) return correction.toUpperCase();
  return /^\p{Lu}[^\p{Lu}]*$/u.test(word) ? correction.charAt(0).toUpperCase() + correction.slice(1) : correction;
}
