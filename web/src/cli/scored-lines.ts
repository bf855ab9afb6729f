import type { Classifier, Score } from 'byteflow';
import { bar, excerpt } from './output.js';

/** How scores are printed. */
export interface ScoreFormat {
  json: boolean;
  flag: boolean;
}

interface Result extends Score {
  flagged?: string[];
}

/** Scores texts, and gives what is printed of them: a line or a card each. */
export async function scoredLines(classifier: Classifier, texts: readonly string[], { json, flag }: ScoreFormat): Promise<string> {
  const results: Result[] = await classifier.score(texts);
  for (const result of results) {
    if (flag) result.flagged = classifier.labels.filter((label) => result.labels[label]! >= classifier.thresholds[label]!);
  }
  return results.map((result, i) => (json ? JSON.stringify(result) : card(texts[i]!, result, classifier))).join('\n');
}

function card(text: string, { labels, bytes, truncated, flagged }: Result, { maxBytes }: Classifier): string {
  const width = Math.max(...Object.keys(labels).map((label) => label.length));
  const mark = (label: string) => (flagged?.includes(label) ? '  flagged' : '');
  const rows = Object.entries(labels).map(([label, p]) => `  ${label.padEnd(width)}  ${bar(p, 30)}  ${p.toFixed(3)}${mark(label)}`);
  const notice = truncated ? [`  only the first ${maxBytes} of ${bytes} bytes were read`] : [];
  return [excerpt(text, 100), ...rows, ...notice, ''].join('\n');
}
