import { parseArgs } from 'node:util';
import { civilOptions, openToxicity, rankingBy } from './civil.js';
import { evalOptions, isWanted, requireRows } from './eval-rows.js';
import { generatorOptions, openWriter } from './generator.js';
import { LineReader } from './lines.js';
import { print, table } from './output.js';
import { Bleu, Chrf } from './pair-measures.js';
import { withProgress } from './progress.js';
import { isBlank, parsePair } from './rows.js';

/** How near rewrites come to those of people, and how toxic they are. */
export async function evaluateRewrites(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { ...generatorOptions('civil-rewrite'), ...civilOptions, ...evalOptions } });
  const lines = new LineReader(positionals.length > 0 ? positionals : ['-']);
  const [{ generator, search }, classifier] = await Promise.all([openWriter(values), openToxicity(values)]);
  const rank = rankingBy(values['civil-first'] ? classifier : undefined);
  const [bleu, chrf] = [new Bleu(), new Chrf()];
  let [rows, before, after, civil] = [0, 0, 0, 0];
  for await (const line of withProgress(lines)) {
    if (isBlank(line)) continue;
    const { source, targets, split } = parsePair(line);
    if (!isWanted(split, values)) continue;
    const [best] = await rank((await generator.generate(source, search)).candidates);
    const { text } = best!;
    bleu.add(text, targets);
    chrf.add(text, targets);
    const [old, now] = (await classifier.score([source, text])).map(({ labels }) => labels['toxicity'] ?? labels[classifier.labels[0]!]!) as [number, number];
    before += old;
    after += now;
    civil += Number(now < 0.5);
    rows++;
  }
  requireRows(rows, values);

  const report = { rows, bleu: bleu.score, chrf: chrf.score, toxicity_before: before / rows, toxicity_after: after / rows, civil_share: civil / rows };
  await print(values.json ? JSON.stringify(report) : table([['measure', 'value'], ...Object.entries(report)]));
}
