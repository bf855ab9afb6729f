// Reads a file of comments: CSV, NDJSON, or a comment a line. It gives way to other work after each slice.
import Papa from 'papaparse';
import { mostRecords } from './limits.js';

export type Format = 'csv' | 'ndjson' | 'lines';

export interface Comments {
  format: Format;
  /** Names of what a record holds, in the order in which they first come. */
  columns: string[];
  /** A value for each column, as far as the record has them. */
  records: unknown[][];
  /** Where in `columns` the text seems to be. */
  textColumn: number;
  /** Lines that could not be read. */
  broken: number;
  /** Whether there was more than `mostRecords`. */
  isCut: boolean;
}

// What is read between two chances for a cancel: some 10 ms.
const slice = 2 ** 20;

// Names that columns of texts go by.
const textNames = ['text', 'comment_text', 'comment', 'body', 'content', 'message', 'review', 'tweet', 'post', 'sentence'];

const breathe = (): Promise<void> => new Promise((resume) => setTimeout(resume));

export async function readComments(text: string, fileName: string, wanted: Format | undefined, signal: AbortSignal): Promise<Comments> {
  const format = wanted ?? formatOf(text, fileName);
  const read = { csv: readCsv, ndjson: readNdjson, lines: readLines }[format];
  const comments = { format, ...(await read(text.replace(/^\ufeff/, ''), signal)) };
  return { ...comments, textColumn: likelyTextColumn(comments) };
}

/** By the file's name, else by its first line: an object or a string in JSON, or column names with one that is known. */
function formatOf(text: string, fileName: string): Format {
  if (/\.(csv|tsv)$/i.test(fileName)) return 'csv';
  if (/\.(ndjson|jsonl)$/i.test(fileName)) return 'ndjson';
  const first = /^\s*(.*)/.exec(text)![1]!;
  const value = parsed(first);
  if ((typeof value === 'object' && value !== null && !Array.isArray(value)) || typeof value === 'string') return 'ndjson';
  return headingsOf(Papa.parse<string[]>(first).data[0] ?? []) && !/\.txt$/i.test(fileName) ? 'csv' : 'lines';
}

const headingsOf = (cells: string[]): boolean => cells.some((cell) => textNames.includes(cell.trim().toLowerCase()));

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

type Read = Omit<Comments, 'format' | 'textColumn'>;

/** The first record names the columns, unless there is but one and its name is none of those known. */
async function readCsv(text: string, signal: AbortSignal): Promise<Read> {
  const records: string[][] = [];
  let broken = 0;
  await new Promise<void>((resolve, reject) => {
    // Its types know slices of files only. Of a text they work as well, and a file's would be cut within characters.
    Papa.parse<string[]>(text as unknown as File, {
      chunkSize: slice,
      skipEmptyLines: 'greedy',
      chunk({ data, errors }, parser) {
        for (const record of data) records.push(record);
        broken += errors.filter(({ type }) => type === 'Quotes').length;
        if (signal.aborted || records.length > mostRecords + 1) return parser.abort();
        parser.pause();
        setTimeout(() => parser.resume());
      },
      complete: () => (signal.aborted ? reject(signal.reason as Error) : resolve()),
    });
  });
  const [first = []] = records;
  const hasHeadings = first.length > 1 || headingsOf(first);
  const columns = hasHeadings ? first.map((name, i) => name.trim() || `column ${i + 1}`) : ['text'];
  if (hasHeadings) records.shift();
  return { columns, ...cut(records), broken };
}

async function readNdjson(text: string, signal: AbortSignal): Promise<Read> {
  const columns = new Map<string, number>();
  const columnOf = (name: string): number => columns.get(name) ?? (columns.set(name, columns.size), columns.size - 1);
  const records: unknown[][] = [];
  let broken = 0;
  for await (const line of linesOf(text, signal)) {
    if (records.length > mostRecords) break;
    if (line.trim() === '') continue;
    const value = parsed(line);
    const record: unknown[] = [];
    if (typeof value === 'string') record[columnOf('text')] = value;
    else if (typeof value === 'object' && value !== null) for (const [name, part] of Object.entries(value)) record[columnOf(name)] = part;
    if (record.length === 0) broken++;
    else records.push(record);
  }
  return { columns: [...columns.keys()], ...cut(records), broken };
}

async function readLines(text: string, signal: AbortSignal): Promise<Read> {
  const records: string[][] = [];
  for await (const line of linesOf(text, signal)) {
    if (records.length > mostRecords) break;
    if (line.trim() !== '') records.push([line]);
  }
  return { columns: ['text'], ...cut(records), broken: 0 };
}

async function* linesOf(text: string, signal: AbortSignal): AsyncGenerator<string> {
  let read = 0;
  for (let start = 0; start < text.length; ) {
    if (start - read > slice) {
      await breathe();
      signal.throwIfAborted();
      read = start;
    }
    const next = text.indexOf('\n', start);
    const end = next < 0 ? text.length : next;
    yield text.slice(start, text[end - 1] === '\r' ? end - 1 : end);
    start = end + 1;
  }
}

function cut<Row>(records: Row[]): { records: Row[]; isCut: boolean } {
  const isCut = records.length > mostRecords;
  if (isCut) records.length = mostRecords;
  return { records, isCut };
}

/** A column of a known name, else the one whose first hundred texts are longest. */
function likelyTextColumn({ columns, records }: { columns: string[]; records: unknown[][] }): number {
  const known = textNames.map((name) => columns.findIndex((column) => column.toLowerCase() === name)).find((column) => column >= 0);
  if (known !== undefined) return known;
  const lengths = columns.map((_, column) => records.slice(0, 100).reduce((sum, record) => sum + (typeof record[column] === 'string' ? (record[column] as string).length : 0), 0));
  return lengths.indexOf(Math.max(...lengths));
}
