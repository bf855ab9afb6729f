// Rows without figures: an engine that does not run a backend, a peer that failed.

export const where = ({ engine, backend }) => [engine, backend].filter(Boolean).join(', ');

/** The rows that have figures. */
export const measured = (rows) => rows.filter(({ skipped, fault }) => skipped === undefined && fault === undefined);

/** A list that says of every other row why it has none; empty where all have. */
export function missing(rows) {
  const lines = rows
    .filter(({ skipped, fault }) => skipped !== undefined || fault !== undefined)
    .map((row) => `- ${row.name ?? where(row)}: ${row.skipped ?? `failed: ${row.fault}`}`);
  return lines.length > 0 ? `\n\nNot run:\n\n${lines.join('\n')}` : '';
}
