import type { Line, LineReader } from './lines.js';
import { bar } from './output.js';

const quietTime = 2_000; // ms: shorter work needs no bar
const redrawTime = 100; // ms

/** The reader's lines; while they are consumed a progress bar stands on standard error, where somebody watches it. */
export async function* withProgress(reader: LineReader): AsyncGenerator<Line> {
  const started = performance.now();
  let nextDraw = process.stderr.isTTY ? started + quietTime : Infinity;
  let lines = 0;
  let drawn = false;
  try {
    for await (const line of reader) {
      yield line;
      lines++;
      const now = performance.now();
      if (now < nextDraw) continue;
      nextDraw = now + redrawTime;
      drawn = true;
      process.stderr.write(`${wipe}${share(reader)}${lines.toLocaleString('en')} lines  ${Math.round(lines / ((now - started) / 1_000)).toLocaleString('en')}/s`);
    }
  } finally {
    if (drawn) process.stderr.write(wipe);
  }
}

const wipe = '\r\x1b[K'; // back to the start of the line, and clear it

// Nothing while the end is not known.
function share({ bytesRead, totalBytes }: LineReader): string {
  if (totalBytes === undefined) return '';
  return `${bar(bytesRead / totalBytes, 30)} ${Math.floor((100 * bytesRead) / totalBytes)}%  `;
}
