import { parseArgs } from 'node:util';
import { civilHelp } from './civil.js';
import { evaluateCorrections } from './eval-corrections.js';
import { evaluateLabels } from './eval-labels.js';
import { evaluateRewrites } from './eval-rewrites.js';
import { UsageError } from './failure.js';
import { generatorHelp } from './generator.js';
import { fileHelp } from './lines.js';
import { modelHelp } from './model.js';

const tasks = new Map([
  ['score', evaluateLabels],
  ['rewrite', evaluateRewrites],
  ['correct', evaluateCorrections],
]);

export const help = `Usage: byteflow eval [FILE...] [options]

Measures a model on labelled texts, or with --task on pairs of texts. The files, or standard input, hold a JSON object a line.

${fileHelp}
  --task NAME         score, rewrite or correct; default: score
  --split NAME        only the rows of this split
  --json              print one JSON object

--task score          for each label the area under the ROC curve (AUC) and average precision (AP). Rows:
                        {"split": "test", "text": "...", "labels": {"toxicity": 0.8, "insult": 0}}
                      A label from 0.5 counts as positive; one that is absent or null is unknown, and the row is passed over for that label.
                      Result: {"rows", "labels": {NAME: {"auc", "ap", "positives"}}, "comments_per_s", "backend", "model"}
${modelHelp}

--task rewrite        how near the best candidates come to what people wrote, and how toxic they are. Rows:
                        {"split": "test", "source": "...", "targets": ["...", "..."]}
                      Result: {"rows", "bleu", "chrf", "toxicity_before", "toxicity_after", "civil_share"}: BLEU-4 on lower-cased words and signs with
                      the closest reference length; chrF2 as sacrebleu has it; the mean toxicity of sources and of outputs; outputs under 0.5
${civilHelp}
${generatorHelp('civil-rewrite')}

--task correct        how often a target is the first candidate, and one of the first four; each source is one word. Rows as of rewrite.
                      Result: {"rows", "rank1", "rank4"}
  --limit N           only the first N of the rows
${generatorHelp('autocorrect')}
                      --beams is 4 or more here

Examples:
  byteflow eval comments.jsonl --split test
  xzcat comments.jsonl.xz | byteflow eval --split test --json
  xzcat civil_rewrite.jsonl.xz | byteflow eval --task rewrite --split test --json`;

export async function evaluate(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, allowPositionals: true, strict: false, options: { task: { type: 'string', default: 'score' }, limit: { type: 'string' } } });
  const run = tasks.get(String(values.task));
  if (run === undefined) throw new UsageError(`--task is ${[...tasks.keys()].join(', ')}, not ${values.task}`);
  if (values.limit !== undefined && run !== evaluateCorrections) throw new UsageError(`--limit belongs to --task correct, not to ${values.task}`);
  await run(args);
}
