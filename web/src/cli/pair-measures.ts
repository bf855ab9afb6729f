// How good written texts are: models/training/byteflow_train/pair_measures.py has the same definitions.

const highestOrder = 4;

// As Python's `re` and `str.split` understand \w and white space.
const space = '\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const tokenPattern = new RegExp(`[\\p{L}\\p{N}_]+|[^\\p{L}\\p{N}_${space}]`, 'gu');
const spacePattern = new RegExp(`[${space}]+`, 'gu');

const tokensOf = (text: string): string[] => text.toLowerCase().match(tokenPattern) ?? [];

/** n-grams of items and how often each is there. */
function ngrams(items: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= items.length; i++) {
    const gram = items.slice(i, i + n).join(' '); // no item has a space in it
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

const total = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0);

const overlap = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number => [...a].reduce((sum, [gram, count]) => sum + Math.min(count, b.get(gram) ?? 0), 0);

/** BLEU-4 of all texts together, 0 to 100, on lower-cased words and punctuation; the reference length that is closest counts (Papineni et al. 2002). */
export class Bleu {
  readonly #matched = Array<number>(highestOrder).fill(0);
  readonly #total = Array<number>(highestOrder).fill(0);
  #length = 0;
  #referenceLength = 0;

  add(text: string, references: readonly string[]): void {
    const tokens = tokensOf(text);
    const wanted = references.map(tokensOf);
    this.#length += tokens.length;
    const distance = (length: number) => Math.abs(length - tokens.length);
    const lengths = wanted.map(({ length }) => length).sort((a, b) => distance(a) - distance(b) || a - b);
    this.#referenceLength += lengths[0]!;
    for (let n = 1; n <= highestOrder; n++) {
      const most = new Map<string, number>();
      for (const reference of wanted) for (const [gram, count] of ngrams(reference, n)) most.set(gram, Math.max(count, most.get(gram) ?? 0));
      const found = ngrams(tokens, n);
      this.#matched[n - 1]! += overlap(found, most);
      this.#total[n - 1]! += total(found);
    }
  }

  get score(): number {
    if (this.#matched.includes(0)) return 0;
    const precision = this.#matched.reduce((sum, matched, i) => sum + Math.log(matched / this.#total[i]!), 0) / highestOrder;
    return 100 * Math.exp(Math.min(0, 1 - this.#referenceLength / this.#length) + precision);
  }
}

const chrfOrder = 6;
const recallWeight = 2 ** 2; // beta is 2

type Statistics = readonly (readonly [found: number, wanted: number, matched: number])[]; // [chrfOrder]

/** chrF2 of all texts together, 0 to 100, as sacrebleu has it: characters without white space, the best of the references (Popović 2016). */
export class Chrf {
  #sums: Statistics = Array(chrfOrder).fill([0, 0, 0]);

  add(text: string, references: readonly string[]): void {
    const found = characterNgrams(text);
    const candidates = references.map((reference) => statistics(found, characterNgrams(reference)));
    const best = candidates.reduce((best, other) => (fScore(other) > fScore(best) ? other : best));
    this.#sums = this.#sums.map(([found, wanted, matched], i) => [found + best[i]![0], wanted + best[i]![1], matched + best[i]![2]]);
  }

  get score(): number {
    return fScore(this.#sums);
  }
}

function characterNgrams(text: string): Map<string, number>[] {
  const characters = Array.from(text.replace(spacePattern, ''));
  return Array.from({ length: chrfOrder }, (_, i) => ngrams(characters, i + 1));
}

const statistics = (found: readonly Map<string, number>[], wanted: readonly Map<string, number>[]): Statistics =>
  found.map((grams, i) => [wanted[i]!.size > 0 ? total(grams) : 0, total(wanted[i]!), overlap(grams, wanted[i]!)]);

function fScore(statistics: Statistics): number {
  const known = statistics.filter(([found, wanted]) => found > 0 && wanted > 0);
  if (known.length === 0) return 0;
  const precision = known.reduce((sum, [found, , matched]) => sum + matched / found, 0) / known.length;
  const recall = known.reduce((sum, [, wanted, matched]) => sum + matched / wanted, 0) / known.length;
  return precision + recall === 0 ? 0 : (100 * (1 + recallWeight) * precision * recall) / (recallWeight * precision + recall);
}

/** How often a right text is the first candidate, and one of the first four. */
export class Ranks {
  #rows = 0;
  #first = 0;
  #four = 0;

  add(candidates: readonly string[], references: readonly string[]): void {
    this.#rows++;
    const isRight = (text: string) => references.includes(text);
    this.#first += Number(candidates.slice(0, 1).some(isRight));
    this.#four += Number(candidates.slice(0, 4).some(isRight));
  }

  get rank1(): number {
    return this.#first / this.#rows;
  }

  get rank4(): number {
    return this.#four / this.#rows;
  }
}
