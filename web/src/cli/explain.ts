import { parseArgs, styleText } from 'node:util';
import type { Explanation, Span } from 'byteflow';
import { UsageError } from './failure.js';
import { LineReader } from './lines.js';
import { modelHelp, modelOptions, openClassifier } from './model.js';
import { print, printable } from './output.js';
import { readTexts, textHelp, textOptions, warnIfCut } from './texts.js';

export const help = `Usage: byteflow explain [FILE...] [options]

Shows which words of each line raise the score of a label, [+like this], and which lower it, [-like this]. Only the strongest are
marked; they are listed below the line with their weights. Weights are parts of the logit, the sum that becomes the probability:
0 stands for no part, and 1 more multiplies the odds by about 2.7.

  --label NAME        the label to explain; default: the model's first
${textHelp}
  --json              print a JSON object a line, with all words: {"label", "probability", "spans": [{"start", "end", "text", "weight"}],
                      "rest", "bytes", "truncated"}; start and end count UTF-16 units, as JavaScript does; weights and rest add up to the logit
${modelHelp}

Examples:
  echo 'you are a stupid idiot' | byteflow explain
  byteflow explain comments.txt --label insult
  byteflow explain comments.txt --json | jq -c '[.spans[] | select(.weight > 1) | .text]'`;

export async function explain(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...modelOptions, ...textOptions, label: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const lines = new LineReader(positionals.length > 0 ? positionals : ['-']);
  const classifier = await openClassifier(values);
  const { label } = values;
  if (label !== undefined && !classifier.labels.includes(label)) throw new UsageError(`--label is ${classifier.labels.join(', ')}, not ${label}`);
  for await (const text of readTexts(lines, values)) {
    const explanation = await classifier.explain(text, { label });
    if (!values.json) warnIfCut(text, explanation, classifier);
    await print(values.json ? JSON.stringify(explanation) : page(text, explanation));
  }
}

// What is marked: at least this share of the strongest weight, and at least so much in logits.
const share = 0.25;
const least = 0.25;
const mostListed = 8;

function page(text: string, { label, probability, spans }: Explanation): string {
  const strength = ({ weight }: Span) => Math.abs(weight);
  const bound = Math.max(least, share * Math.max(0, ...spans.map(strength)));
  const strong = spans.filter((span) => strength(span) >= bound);
  const listed = [...strong].sort((a, b) => strength(b) - strength(a)).slice(0, mostListed);
  const rows = listed.map((span) => `  ${signed(span.weight.toFixed(2)).padStart(7)}  ${coloured(printable(span.text), span)}`);
  return [marked(text, strong), `  ${label}  ${probability.toFixed(3)}`, ...rows, ''].join('\n');
}

function marked(text: string, spans: readonly Span[]): string {
  const pieces: string[] = [];
  let end = 0;
  for (const span of spans) {
    pieces.push(printable(text.slice(end, span.start)), coloured(`[${span.weight > 0 ? '+' : '-'}${printable(span.text)}]`, span));
    end = span.end;
  }
  return [...pieces, printable(text.slice(end))].join('');
}

const signed = (figure: string): string => (figure.startsWith('-') ? figure : `+${figure}`);

function coloured(text: string, { weight }: Span): string {
  const isWanted = process.stdout.isTTY && process.stdout.hasColors(); // NO_COLOR and dumb terminals are heard
  return isWanted ? styleText(['bold', weight > 0 ? 'red' : 'green'], text) : text;
}
