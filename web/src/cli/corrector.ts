import type { Candidate } from 'byteflow';
import type { Writer } from './generator.js';

export interface Word {
  /** Where it begins and ends in the text, in UTF-16 code units. */
  start: number;
  end: number;
  text: string;
  /** What the model makes of it, best first. */
  candidates: Candidate[];
}

export interface Correction {
  text: string;
  words: Word[];
}

const letters = /[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*/gu;
// What has a digit in it, or looks like an address, a path or a name of a program.
const noProse = /[\p{N}@/\\_]|\p{L}\.\p{L}/u;

// Words whose candidates are kept: running text repeats its words, and memory must not grow with it.
const mostKept = 10_000;

/** Corrects texts word by word. */
export class Corrector {
  readonly #writer: Writer;
  readonly #known = new Map<string, Candidate[]>();

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  async correct(text: string): Promise<Correction> {
    const words: Word[] = [];
    const pieces: string[] = [];
    let end = 0;
    for (const [start, word] of wordsOf(text)) {
      const candidates = await this.#candidates(word);
      words.push({ start, end: start + word.length, text: word, candidates });
      pieces.push(text.slice(end, start), best(word, candidates));
      end = start + word.length;
    }
    return { text: [...pieces, text.slice(end)].join(''), words };
  }

  async #candidates(word: string): Promise<Candidate[]> {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    const { generator, search } = this.#writer;
    const { candidates, truncated } = await generator.generate(word, search);
    const found = truncated ? [] : candidates; // no word at all
    if (this.#known.size >= mostKept) this.#known.clear();
    this.#known.set(word, found);
    return found;
  }
}

function* wordsOf(text: string): Generator<[start: number, word: string]> {
  const chunks = [...text.matchAll(/\S+/g)];
  if (chunks.length === 1) return yield [chunks[0]!.index, chunks[0]![0]];
  for (const { index, 0: chunk } of chunks) {
    if (noProse.test(chunk)) continue;
    for (const match of chunk.matchAll(letters)) yield [index + match.index, match[0]];
  }
}

function best(word: string, [first]: readonly Candidate[]): string {
  if (first === undefined || !first.complete || first.text === '') return word;
  return isCapitalized(word) ? first.text.charAt(0).toUpperCase() + first.text.slice(1) : first.text;
}

// At the beginning of a sentence, and in names, the word keeps its capital.
const isCapitalized = (word: string): boolean => /^\p{Lu}[^\p{Lu}]*$/u.test(word);
