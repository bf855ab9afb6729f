import { parseArgs } from 'node:util';
import { evalOptions, isWanted, requireRows } from './eval-rows.js';
import { UsageError } from './failure.js';
import { generatorOptions, openWriter, wholeNumber } from './generator.js';
import { LineReader } from './lines.js';
import { print, table } from './output.js';
import { Ranks } from './pair-measures.js';
import { withProgress } from './progress.js';
import { isBlank, parsePair } from './rows.js';

const ranked = 4; // candidates that rank4 looks at

/** How often the right word is among the candidates. */
export async function evaluateCorrections(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { ...generatorOptions('autocorrect'), ...evalOptions, limit: { type: 'string' } } });
  const lines = new LineReader(positionals.length > 0 ? positionals : ['-']);
  const limit = values.limit === undefined ? Infinity : wholeNumber('--limit', values.limit);
  if (wholeNumber('--beams', values.beams) < ranked) throw new UsageError(`--beams is ${ranked} or more here, since rank4 looks at so many candidates, not ${values.beams}`);
  const { generator, search } = await openWriter(values);
  const ranks = new Ranks();
  let rows = 0;
  for await (const line of withProgress(lines)) {
    if (isBlank(line)) continue;
    const { source, targets, split } = parsePair(line);
    if (!isWanted(split, values)) continue;
    const { candidates } = await generator.generate(source, search);
    ranks.add(candidates.map(({ text }) => text), targets);
    if (++rows === limit) break;
  }
  requireRows(rows, values);

  const report = { rows, rank1: ranks.rank1, rank4: ranks.rank4 };
  await print(values.json ? JSON.stringify(report) : table([['measure', 'value'], ...Object.entries(report)]));
}
