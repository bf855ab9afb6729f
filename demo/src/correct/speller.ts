import type { Candidate, Generator } from 'byteflow';

// Words whose candidates are kept: running text repeats its words, and memory must not grow with it.
const mostKept = 2000;

/** What a model makes of words. */
export class Speller {
  readonly #known = new Map<string, Promise<Candidate[]>>();

  constructor(private readonly generator: Generator) {}

  /** Candidates for a word, best first, ended ones only; none for what is too long to be a word. */
  candidates(word: string): Promise<Candidate[]> {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    const found = this.generator
      .generate(word, { beams: Math.min(12, this.generator.maxBeams), candidates: 4 }) // more beams, since the model's lexicon chooses among what they find
      .then(({ candidates, truncated }) => (truncated ? [] : candidates.filter(({ text, complete }) => complete && text !== '')));
    if (this.#known.size >= mostKept) this.#known.clear();
    this.#known.set(word, found);
    found.catch(() => this.#known.delete(word));
    return found;
  }
}
