import { parseArgs } from 'node:util';
import type { Classifier, Score } from 'byteflow';
import { type Line, LineReader } from './lines.js';
import { modelHelp, modelOptions, openClassifier } from './model.js';
import { bar, excerpt, print } from './output.js';
import { withProgress } from './progress.js';
import { isBlank, parseRow } from './rows.js';

export const help = `Usage: byteflow score [FILE...] [options]

Scores each line of the files, or of standard input, as it comes.

  --ndjson            lines are JSON objects with a string "text"; so are those of .ndjson and .jsonl files
                      (.gz too); blank ones are passed over
  --json              print a JSON object a line: {"labels": {NAME: PROBABILITY}, "bytes", "truncated"}
${modelHelp}

Examples:
  echo 'have a nice day' | byteflow score
  byteflow score comments.txt --json > scores.ndjson
  zcat comments.ndjson.gz | byteflow score --ndjson --json | jq .labels.toxicity
  parallel --pipe byteflow score --json < comments.txt`;

export async function score(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...modelOptions, ndjson: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  });
  const lines = new LineReader(positionals.length > 0 ? positionals : ['-']);
  const classifier = await openClassifier(values);
  const show = values.json ? (_: string, result: Score) => JSON.stringify(result) : (text: string, result: Score) => card(text, result, classifier);
  const resultsScrollBy = process.stdout.isTTY;
  for await (const line of resultsScrollBy ? lines : withProgress(lines)) {
    const isRow = values.ndjson || isNdjsonFile(line);
    if (isRow && isBlank(line)) continue;
    const text = isRow ? parseRow(line).text : line.text;
    await print(show(text, await classifier.score(text)));
  }
}

const isNdjsonFile = ({ file }: Line): boolean => /\.(ndjson|jsonl)(\.gz)?$/.test(file);

function card(text: string, { labels, bytes, truncated }: Score, { maxBytes }: Classifier): string {
  const width = Math.max(...Object.keys(labels).map((label) => label.length));
  const rows = Object.entries(labels).map(([label, p]) => `  ${label.padEnd(width)}  ${bar(p, 30)}  ${p.toFixed(3)}`);
  const notice = truncated ? [`  only the first ${maxBytes} of ${bytes} bytes were read`] : [];
  return [excerpt(text, 100), ...rows, ...notice, ''].join('\n');
}
