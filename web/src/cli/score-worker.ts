// A thread of `--workers`: texts come in, what is printed of them goes out, in the same order.
import { parentPort, workerData } from 'node:worker_threads';
import { openClassifier } from './model.js';
import { scoredLines } from './scored-lines.js';
import type { ScorerValues } from './scorer.js';

const values: ScorerValues = workerData;
const classifier = openClassifier(values);
let last: Promise<void> = Promise.resolve();

parentPort!.on('message', (texts: string[]) => {
  last = last.then(async () => parentPort!.postMessage(await scoredLines(await classifier, texts, values)));
});
