import { Failure } from './failure.js';
import { fileHelp, type Line, type LineReader } from './lines.js';
import { excerpt } from './output.js';
import { withProgress } from './progress.js';
import { isBlank, parseRow } from './rows.js';

/** Options of every command that reads texts. */
export const textOptions = { ndjson: { type: 'boolean', default: false } } as const;

export const textHelp = `${fileHelp}
  --ndjson            lines are JSON objects with a string "text"; so are those of .ndjson and .jsonl files
                      (.gz too); blank ones are passed over`;

interface TextValues {
  ndjson: boolean;
}

export const resultsScrollBy = (): boolean => process.stdout.isTTY;

/** The texts of the lines, as they come. */
export async function* readTexts(lines: LineReader, values: TextValues): AsyncGenerator<string> {
  for await (const line of resultsScrollBy() ? lines : withProgress(lines)) {
    const text = textOf(line, values);
    if (text !== undefined) yield text;
  }
}

// Enough that a message to a thread costs little beside what it scores, and so little that many threads end together.
const mostLines = 64;
const mostCharacters = 1 << 16;

/** The same in batches, of lines that came together; nothing waits for a batch to be full. */
export async function* readBatches(lines: AsyncIterable<Line[]>, values: TextValues): AsyncGenerator<string[]> {
  let batch: string[] = [];
  let characters = 0;
  for await (const chunk of lines) {
    for (const line of chunk) {
      let text: string | undefined;
      try {
        text = textOf(line, values);
      } catch (fault) {
        if (fault instanceof Failure && batch.length > 0) yield batch; // what came before a fault is not lost
        throw fault;
      }
      if (text === undefined) continue;
      batch.push(text);
      characters += text.length;
      if (batch.length < mostLines && characters < mostCharacters) continue;
      yield batch;
      [batch, characters] = [[], 0];
    }
    if (batch.length > 0) yield batch;
    [batch, characters] = [[], 0];
  }
}

// Blank lines of NDJSON have none.
function textOf(line: Line, { ndjson }: TextValues): string | undefined {
  if (!ndjson && !isNdjsonFile(line)) return line.text;
  return isBlank(line) ? undefined : parseRow(line).text;
}

const isNdjsonFile = ({ file }: Line): boolean => /\.(ndjson|jsonl)(\.gz)?$/.test(file);

/** Says on standard error that only the beginning of a text was read. */
export function warnIfCut(text: string, { truncated, bytes }: { truncated: boolean; bytes: number }, { maxBytes }: { maxBytes: number }): void {
  if (truncated) console.error(`byteflow: only the first ${maxBytes} of ${bytes} bytes were read of: ${excerpt(text, 60)}`);
}
