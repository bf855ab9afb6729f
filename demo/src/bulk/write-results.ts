// Writes records with their scores, a piece at a time: a file of all of them need not be one string.
import Papa from 'papaparse';

export interface Scored {
  columns: readonly string[];
  labels: readonly string[];
  /** Rows in the order in which they are written. */
  rows: Iterable<{ record: readonly unknown[]; scores: ArrayLike<number> }>;
}

// Six digits are what a float32 has.
const rounded = (score: number): number => Number(score.toPrecision(6));

// Rows in one piece.
const piece = 1000;

export function* asCsv({ columns, labels, rows }: Scored): Generator<string> {
  const write = (lines: unknown[][]): string => `${Papa.unparse(lines, { escapeFormulae: true, newline: '\r\n' })}\r\n`;
  yield write([[...columns, ...labels.map((label) => `score_${label}`)]]);
  let lines: unknown[][] = [];
  for (const { record, scores } of rows) {
    lines.push([...columns.map((_, i) => cell(record[i])), ...Array.from(scores, rounded)]);
    if (lines.length === piece) {
      yield write(lines);
      lines = [];
    }
  }
  if (lines.length > 0) yield write(lines);
}

const cell = (value: unknown): unknown => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value);

export function* asNdjson({ columns, labels, rows }: Scored): Generator<string> {
  let text = '';
  let lines = 0;
  for (const { record, scores } of rows) {
    const known = columns.flatMap((column, i) => (record[i] === undefined ? [] : [[column, record[i]]]));
    text += `${JSON.stringify({ ...Object.fromEntries(known), scores: Object.fromEntries(labels.map((label, i) => [label, rounded(scores[i]!)])) })}\n`;
    if (++lines % piece === 0) {
      yield text;
      text = '';
    }
  }
  yield text;
}
