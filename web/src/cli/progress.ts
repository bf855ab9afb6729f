import { bar } from './output.js';

const quietTime = 2_000; // ms: shorter work needs no bar
const redrawTime = 100; // ms

/** A progress bar on standard error; silent when nobody watches it, or when the results themselves scroll by. */
export class ProgressBar {
  readonly #started = performance.now();
  readonly #watched = process.stderr.isTTY === true;
  #nextDraw = this.#started + quietTime;
  #drawn = false;

  constructor(resultsScrollBy: boolean) {
    if (resultsScrollBy && process.stdout.isTTY) this.#watched = false;
  }

  /** `fraction` is undefined when the end is not known. */
  update(rows: number, fraction: () => number | undefined): void {
    const now = performance.now();
    if (!this.#watched || now < this.#nextDraw) return;
    this.#nextDraw = now + redrawTime;
    this.#drawn = true;
    const done = fraction();
    const speed = Math.round(rows / ((now - this.#started) / 1_000));
    const share = done === undefined ? '' : `${bar(done, 30)} ${Math.floor(done * 100)}%  `;
    process.stderr.write(`\r\x1b[K${share}${rows.toLocaleString('en')} rows  ${speed.toLocaleString('en')}/s`);
  }

  /** Wipes the bar. */
  finish(): void {
    if (this.#drawn) process.stderr.write('\r\x1b[K');
  }
}
