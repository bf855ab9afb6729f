import { parseArgs } from 'node:util';
import { inOrder } from './in-order.js';
import { LineReader } from './lines.js';
import { modelHelp } from './model.js';
import { print } from './output.js';
import { LineProgress } from './progress.js';
import { openScorer, scorerOptions, workersHelp } from './scorer.js';
import { readBatches, resultsScrollBy, textHelp, textOptions } from './texts.js';

export const help = `Usage: byteflow score [FILE...] [options]

Scores each line of the files, or of standard input, as it comes. Memory does not grow with the input.

${textHelp}
  --json              print a JSON object a line: {"labels": {NAME: PROBABILITY}, "bytes", "truncated"}
  --flag              name the labels whose probability reaches the model's threshold, with --json as "flagged": [NAME];
                      \`byteflow inspect\` prints the thresholds
${workersHelp}
${modelHelp}

Examples:
  echo 'have a nice day' | byteflow score
  byteflow score comments.txt --json > scores.ndjson
  byteflow score comments.txt --json --workers 4 > scores.ndjson
  byteflow score comments.txt --json --flag | jq -c .flagged
  zcat comments.ndjson.gz | byteflow score --ndjson --json | jq .labels.toxicity
  parallel --keep-order --pipe byteflow score --json < comments.txt`;

export async function score(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...scorerOptions, ...textOptions, json: { type: 'boolean', default: false } },
  });
  const lines = new LineReader(positionals.length > 0 ? positionals : ['-']);
  const scorer = await openScorer(values);
  const progress = resultsScrollBy() ? undefined : new LineProgress(lines);
  try {
    const work = async (texts: string[]) => ({ printed: await scorer.score(texts), count: texts.length });
    for await (const { printed, count } of inOrder(readBatches(lines.chunks(), values), work, scorer.atOnce)) {
      await print(printed);
      progress?.add(count);
    }
  } finally {
    progress?.end();
    await scorer.close();
  }
}
