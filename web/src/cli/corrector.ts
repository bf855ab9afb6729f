import { type Candidate, withCapitalOf, type Word, wordsIn } from 'byteflow';
import type { Writer } from './generator.js';

export interface CorrectedWord extends Word {
  /** What the model makes of it, best first. */
  candidates: Candidate[];
}

export interface Correction {
  text: string;
  words: CorrectedWord[];
}

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
    const words: CorrectedWord[] = [];
    const pieces: string[] = [];
    let end = 0;
    for (const word of wordsIn(text)) {
      const candidates = await this.#candidates(word.text);
      words.push({ ...word, candidates });
      pieces.push(text.slice(end, word.start), best(word.text, candidates));
      end = word.end;
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

function best(word: string, [first]: readonly Candidate[]): string {
  if (first === undefined || !first.complete || first.text === '') return word;
  return withCapitalOf(word, first.text);
}
