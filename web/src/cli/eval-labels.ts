import { parseArgs } from 'node:util';
import { type RankingMetrics, rankingMetrics } from 'byteflow';
import { evalOptions, isWanted, requireRows } from './eval-rows.js';
import { Failure } from './failure.js';
import { LineReader } from './lines.js';
import { modelOptions, openClassifier } from './model.js';
import { print, table } from './output.js';
import { withProgress } from './progress.js';
import { isBlank, parseRow } from './rows.js';

interface Column {
  scores: number[]; // [rows that know the label]
  positive: boolean[]; // [rows that know the label]
}

interface Report {
  rows: number;
  labels: Record<string, RankingMetrics>;
  comments_per_s: number;
  backend: string;
  model: string;
}

/** AUC and average precision of each label. */
export async function evaluateLabels(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { ...modelOptions, ...evalOptions } });
  const lines = new LineReader(positionals.length > 0 ? positionals : ['-']);
  const classifier = await openClassifier(values);
  const columns = new Map<string, Column>(classifier.labels.map((label) => [label, { scores: [], positive: [] }]));
  const inRows = new Set<string>();
  let rows = 0;
  let scoringTime = 0; // ms, without reading and parsing
  for await (const line of withProgress(lines)) {
    if (isBlank(line)) continue;
    const { text, split, labels } = parseRow(line);
    if (!isWanted(split, values)) continue;
    const started = performance.now();
    const result = await classifier.score(text);
    scoringTime += performance.now() - started;
    for (const label of labels.keys()) inRows.add(label);
    for (const [label, column] of columns) {
      const target = labels.get(label);
      if (target === undefined) continue;
      column.scores.push(result.labels[label]!);
      column.positive.push(target >= 0.5);
    }
    rows++;
  }
  requireRows(rows, values);

  const known = [...columns].filter(([, { scores }]) => scores.length > 0);
  if (known.length === 0) throw new Failure(`no row has a label of the model ${classifier.model}, which are ${listed(classifier.labels)}; the rows have ${listed([...inRows])}`);
  const report: Report = {
    rows,
    labels: Object.fromEntries(known.map(([label, { scores, positive }]) => [label, rankingMetrics(scores, positive)])),
    comments_per_s: Math.round(rows / (scoringTime / 1_000)),
    backend: classifier.backend,
    model: classifier.model,
  };
  await print(values.json ? JSON.stringify(report) : page(report));
}

// Rows that came from elsewhere may have any number of labels.
function listed(labels: readonly string[]): string {
  const most = 20;
  return labels.length === 0 ? 'none' : [...labels.slice(0, most), ...(labels.length > most ? ['...'] : [])].join(', ');
}

function page({ rows, labels, comments_per_s, backend, model }: Report): string {
  const digits = (value: number | null) => value?.toFixed(4) ?? '-';
  const lines = Object.entries(labels).map(([label, { auc, ap, positives }]) => [label, digits(auc), digits(ap), positives]);
  return [table([['label', 'AUC', 'AP', 'positives'], ...lines]), '', `${rows} rows, ${comments_per_s} comments/s, model ${model}, backend ${backend}`].join('\n');
}
