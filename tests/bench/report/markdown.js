// Tables of Markdown, which are readable in a terminal too.

/** Rows of cells under a heading; the first column is text, the others stand to the right. */
export function table(heading, rows) {
  const cells = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

/** Three significant digits, without an exponent; a dash for what was not measured. */
export function number(value) {
  if (!Number.isFinite(value)) return '–';
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

export const percent = (share) => (Number.isFinite(share) ? `${Math.round(100 * share)}%` : '–');
