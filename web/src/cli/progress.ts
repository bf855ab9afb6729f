import type { Line, LineReader } from './lines.js';
import { bar } from './output.js';

const quietTime = 2_000; // ms: shorter work needs no word
const redrawTime = 100; // ms, of a bar that somebody watches
const logTime = 30_000; // ms, between the lines of a log; shorter work leaves none there

/** Tells on standard error how far the lines of a reader are done: a bar on a terminal, a line now and then in a log, and the sum at the end. */
export class LineProgress {
  readonly #started = performance.now();
  readonly #isWatched = process.stderr.isTTY;
  readonly #firstWord = this.#started + (this.#isWatched ? quietTime : logTime);
  #nextWord = this.#firstWord;
  #lines = 0;

  constructor(readonly reader: LineReader) {}

  /** So many lines more are done. */
  add(lines: number): void {
    this.#lines += lines;
    const now = performance.now();
    if (now < this.#nextWord) return;
    this.#nextWord = now + (this.#isWatched ? redrawTime : logTime);
    if (this.#isWatched) process.stderr.write(`${wipe}${share(this.reader)}${this.#sum(now)}`);
    else this.#tell(now);
  }

  end(): void {
    const now = performance.now();
    if (now >= this.#firstWord && this.#lines > 0) this.#tell(now);
  }

  #tell(now: number): void {
    process.stderr.write(`${this.#isWatched ? wipe : 'byteflow: '}${this.#sum(now)}\n`);
  }

  #sum(now: number): string {
    const seconds = (now - this.#started) / 1_000;
    const rate = this.#lines / seconds;
    const perSecond = rate.toLocaleString('en', rate < 10 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 0 }); // slow work has a rate too
    return `${this.#lines.toLocaleString('en')} ${this.#lines === 1 ? 'line' : 'lines'}  ${seconds.toFixed(1)} s  ${perSecond}/s`;
  }
}

/** The reader's lines; progress is told while they are consumed. */
export async function* withProgress(reader: LineReader): AsyncGenerator<Line> {
  const progress = new LineProgress(reader);
  try {
    for await (const line of reader) {
      yield line;
      progress.add(1);
    }
  } finally {
    progress.end();
  }
}

const wipe = '\r\x1b[K'; // back to the start of the line, and clear it

// Nothing while the end is not known.
function share({ bytesRead, totalBytes }: LineReader): string {
  if (totalBytes === undefined) return '';
  return `${bar(bytesRead / totalBytes, 30)} ${Math.floor((100 * bytesRead) / totalBytes)}%  `;
}
