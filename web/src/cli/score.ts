import { parseArgs } from 'node:util';
import type { Classifier, Score } from 'byteflow';
import { LineReader } from './lines.js';
import { modelHelp, modelOptions, openClassifier } from './model.js';
import { bar, excerpt, print } from './output.js';
import { readTexts, textHelp, textOptions } from './texts.js';

export const help = `Usage: byteflow score [FILE...] [options]

Scores each line of the files, or of standard input, as it comes.

${textHelp}
  --json              print a JSON object a line: {"labels": {NAME: PROBABILITY}, "bytes", "truncated"}
  --flag              name the labels whose probability reaches the model's threshold, with --json as "flagged": [NAME];
                      \`byteflow inspect\` prints the thresholds
${modelHelp}

Examples:
  echo 'have a nice day' | byteflow score
  byteflow score comments.txt --json > scores.ndjson
  byteflow score comments.txt --json --flag | jq -c .flagged
  zcat comments.ndjson.gz | byteflow score --ndjson --json | jq .labels.toxicity
  parallel --pipe byteflow score --json < comments.txt`;

interface Result extends Score {
  flagged?: string[];
}

export async function score(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...modelOptions, ...textOptions, json: { type: 'boolean', default: false }, flag: { type: 'boolean', default: false } },
  });
  const lines = new LineReader(positionals.length > 0 ? positionals : ['-']);
  const classifier = await openClassifier(values);
  for await (const text of readTexts(lines, values)) {
    const result: Result = await classifier.score(text);
    if (values.flag) result.flagged = classifier.labels.filter((label) => result.labels[label]! >= classifier.thresholds[label]!);
    await print(values.json ? JSON.stringify(result) : card(text, result, classifier));
  }
}

function card(text: string, { labels, bytes, truncated, flagged }: Result, { maxBytes }: Classifier): string {
  const width = Math.max(...Object.keys(labels).map((label) => label.length));
  const mark = (label: string) => (flagged?.includes(label) ? '  flagged' : '');
  const rows = Object.entries(labels).map(([label, p]) => `  ${label.padEnd(width)}  ${bar(p, 30)}  ${p.toFixed(3)}${mark(label)}`);
  const notice = truncated ? [`  only the first ${maxBytes} of ${bytes} bytes were read`] : [];
  return [excerpt(text, 100), ...rows, ...notice, ''].join('\n');
}
