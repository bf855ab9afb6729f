import { once } from 'node:events';

/** Writes to standard output at the speed of its reader. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
}

/** A bar of `width` characters, in steps of an eighth of one. */
export function bar(fraction: number, width: number): string {
  const eighths = Math.round(fraction * width * 8);
  const partial = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8]!;
  return ('█'.repeat(Math.floor(eighths / 8)) + partial).padEnd(width);
}

/** Columns two spaces apart, numbers to the right, the first row being the heading. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map(printed));
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const isNumeric = cells[0]!.map((_, column) => rows.slice(1).every((row) => typeof row[column] === 'number'));
  const align = (cell: string, column: number) => (isNumeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!));
  return cells.map((row) => row.map(align).join('  ').trimEnd()).join('\n');
}

const printed = (cell: string | number): string => (typeof cell === 'string' ? printable(cell) : digits(cell));

/** Six significant digits of a fraction: a float32 has no more than 7. */
export function digits(number: number): string {
  return Number.isInteger(number) ? String(number) : String(Number(number.toPrecision(6)));
}

/** A text on one line of at most `width` characters. */
export function excerpt(text: string, width: number): string {
  const characters = Array.from(text.slice(0, 2 * width)); // a character has at most 2 units
  const shown = characters.length > width || text.length > 2 * width ? [...characters.slice(0, width - 1), '…'] : characters;
  return printable(shown.join(''));
}

/** Control characters as pictures: a terminal obeys them. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0))).replace(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '␦');
}

/** A text as one line: control characters, line ends among them, become spaces. */
export const onOneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
