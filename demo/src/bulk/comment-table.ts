import { type Classifier, loadClassifier } from 'byteflow';
import { startModelWorker } from '../models/model-workers.js';
import { type Comments, type Format, readComments } from './read-comments.js';
import { asCsv, asNdjson } from './write-results.js';

export interface Opened {
  format: Format;
  columns: string[];
  textColumn: number;
  records: number;
  broken: number;
  isCut: boolean;
}

export interface Progress {
  scored: number;
  total: number;
  /** Records without a text in the chosen column. */
  blank: number;
}

export interface Row {
  /** The record's number in the file, from 1. */
  number: number;
  text: string;
  scores: number[];
}

/** What rows are sorted by: their place in the file, their text, or the score of a label. */
export type SortKey = 'number' | 'text' | number;

export interface Model {
  labels: readonly string[];
  thresholds: readonly number[];
}

// Texts to a worker at a time: a few messages' worth, so that no worker waits, and a cancel is heard soon.
const batch = 128;

// The page is told this often, in ms.
const progressEvery = 250;

const bins = 50;

/** A file of comments and their scores. It lives in a worker, so the page holds no more than the rows that are seen. */
export class CommentTable {
  #comments: Comments | undefined;
  #classifiers: Promise<Classifier[]> | undefined;
  #running = new AbortController();

  #labels: readonly string[] = [];
  #texts: string[] = [];
  #recordOf = new Uint32Array(); // for each text its record
  #scores = new Float32Array(); // [texts, labels]
  #isScored = new Uint8Array();
  #scoredCount = 0;

  #order = new Uint32Array(); // texts that are scored, sorted
  #sorted: { key: SortKey; isDescending: boolean; size: number } | undefined;

  /** Reads a file; what was open before is gone. */
  async open(file: Blob, name: string, format: Format | undefined): Promise<Opened> {
    this.cancel();
    const { signal } = this.#running;
    this.#comments = undefined;
    this.#reset([], new Uint32Array());
    const comments = await readComments(await file.text(), name, format, signal);
    this.#comments = comments;
    const { records, ...rest } = comments;
    return { ...rest, records: records.length };
  }

  async model(): Promise<Model> {
    const [{ labels, thresholds }] = (await this.#workers()) as [Classifier];
    this.#labels = labels;
    return { labels, thresholds: labels.map((label) => thresholds[label]!) };
  }

  /** Scores the texts of a column of the open file. Rejects with an AbortError when it is cancelled; what has been scored until then stays. */
  async score(column: number, onProgress: (progress: Progress) => void): Promise<void> {
    this.cancel();
    const running = this.#running;
    const { signal } = running;
    const { labels } = await this.model();
    signal.throwIfAborted();
    const records = this.#comments?.records ?? [];
    const withText = records.flatMap((record, i) => (typeof record[column] === 'string' && record[column].trim() !== '' ? [i] : []));
    this.#reset(withText.map((i) => records[i]![column] as string), Uint32Array.from(withText));
    const total = withText.length;
    const tell = (): void => onProgress({ scored: this.#scoredCount, total, blank: records.length - total });

    let next = 0;
    let told = performance.now();
    tell();
    const work = async (classifier: Classifier): Promise<void> => {
      while (next < total) {
        const start = next;
        const texts = this.#texts.slice(start, start + batch);
        next += texts.length;
        const scores = await classifier.score(texts, { signal });
        signal.throwIfAborted();
        scores.forEach((score, i) => labels.forEach((label, l) => (this.#scores[(start + i) * labels.length + l] = score.labels[label]!)));
        this.#isScored.fill(1, start, start + texts.length);
        this.#scoredCount += texts.length;
        if (performance.now() - told > progressEvery) {
          told = performance.now();
          tell();
        }
      }
    };
    try {
      await Promise.all((await this.#workers()).map(work));
    } finally {
      running.abort(); // where one has failed, the others stop
    }
    tell();
  }

  cancel(): void {
    this.#running.abort();
    this.#running = new AbortController();
  }

  /** Rows `from` to `to` (exclusive) of those scored, in an order. */
  rows(key: SortKey, isDescending: boolean, from: number, to: number): Row[] {
    this.#sort(key, isDescending);
    return Array.from(this.#order.subarray(from, to), (i) => ({ number: this.#recordOf[i]! + 1, text: this.#texts[i]!, scores: [...this.#scoresOf(i)] }));
  }

  /** How many scores of a label lie in each fiftieth of 0 to 1, and how many count, from a threshold on. */
  histogram(label: number, threshold: number): { counts: number[]; flagged: number } {
    const counts = Array<number>(bins).fill(0);
    let flagged = 0;
    for (let i = 0; i < this.#texts.length; i++) {
      if (!this.#isScored[i]) continue;
      const score = this.#scores[i * this.#labels.length + label]!;
      counts[Math.min(bins - 1, Math.floor(score * bins))]!++;
      if (score >= threshold) flagged++;
    }
    return { counts, flagged };
  }

  /** All rows that are scored, in an order, as a file. */
  file(format: 'csv' | 'ndjson', key: SortKey, isDescending: boolean): Blob {
    this.#sort(key, isDescending);
    const { columns, records } = this.#comments!;
    const rows = Array.from(this.#order, (i) => ({ record: records[this.#recordOf[i]!]!, scores: this.#scoresOf(i) }));
    const write = { csv: asCsv, ndjson: asNdjson }[format];
    return new Blob([...write({ columns, labels: this.#labels, rows })], { type: { csv: 'text/csv', ndjson: 'application/x-ndjson' }[format] });
  }

  #reset(texts: string[], recordOf: Uint32Array<ArrayBuffer>): void {
    this.#texts = texts;
    this.#recordOf = recordOf;
    this.#scores = new Float32Array(texts.length * this.#labels.length);
    this.#isScored = new Uint8Array(texts.length);
    this.#scoredCount = 0;
    this.#sorted = undefined;
  }

  #scoresOf(i: number): Float32Array {
    return this.#scores.subarray(i * this.#labels.length, (i + 1) * this.#labels.length);
  }

  #sort(key: SortKey, isDescending: boolean): void {
    const size = this.#scoredCount;
    if (this.#sorted?.key === key && this.#sorted.isDescending === isDescending && this.#sorted.size === size) return;
    this.#sorted = { key, isDescending, size };
    const order = new Uint32Array(size);
    let filled = 0;
    for (let i = 0; i < this.#texts.length; i++) if (this.#isScored[i]) order[filled++] = i;
    const labels = this.#labels.length;
    const scores = this.#scores;
    const texts = this.#texts;
    // Equals stay in the file's order, whichever way the rest is sorted.
    const sign = isDescending ? -1 : 1;
    if (key === 'text') order.sort((a, b) => (texts[a]! < texts[b]! ? -sign : texts[a]! > texts[b]! ? sign : a - b));
    else if (key !== 'number') order.sort((a, b) => sign * (scores[a * labels + key]! - scores[b * labels + key]!) || a - b);
    else if (isDescending) order.reverse();
    this.#order = order;
  }

  /** One for each core but one, which is the page's, and four at most: each has a copy of the model. */
  #workers(): Promise<Classifier[]> {
    if (this.#classifiers !== undefined) return this.#classifiers;
    const size = Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1));
    const loading = Promise.all(Array.from({ length: size }, () => loadClassifier('toxicity', { worker: startModelWorker })));
    loading.catch(() => (this.#classifiers = undefined));
    return (this.#classifiers = loading);
  }
}
