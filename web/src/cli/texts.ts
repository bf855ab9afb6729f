import type { Line, LineReader } from './lines.js';
import { excerpt } from './output.js';
import { withProgress } from './progress.js';
import { isBlank, parseRow } from './rows.js';

/** Options of every command that reads texts. */
export const textOptions = { ndjson: { type: 'boolean', default: false } } as const;

export const textHelp = `  --ndjson            lines are JSON objects with a string "text"; so are those of .ndjson and .jsonl files
                      (.gz too); blank ones are passed over`;

/** The texts of the lines, as they come. */
export async function* readTexts(lines: LineReader, { ndjson }: { ndjson: boolean }): AsyncGenerator<string> {
  const resultsScrollBy = process.stdout.isTTY;
  for await (const line of resultsScrollBy ? lines : withProgress(lines)) {
    const isRow = ndjson || isNdjsonFile(line);
    if (isRow && isBlank(line)) continue;
    yield isRow ? parseRow(line).text : line.text;
  }
}

const isNdjsonFile = ({ file }: Line): boolean => /\.(ndjson|jsonl)(\.gz)?$/.test(file);

/** Says on standard error that only the beginning of a text was read. */
export function warnIfCut(text: string, { truncated, bytes }: { truncated: boolean; bytes: number }, { maxBytes }: { maxBytes: number }): void {
  if (truncated) console.error(`byteflow: only the first ${maxBytes} of ${bytes} bytes were read of: ${excerpt(text, 60)}`);
}
