import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Backend, backends, ByteflowError, type Classifier } from 'byteflow';
import { UsageError } from './failure.js';
import { modelHelp, modelOptions, openClassifier } from './model.js';
import { print, table } from './output.js';

export const help = `Usage: byteflow bench [options]

Times a model on this machine: every backend it can run, texts of 20, 100, 300 and 1,000 bytes, one thread. Takes seconds.
The time is the best of many, since all else that a machine does only adds to it. Close other programs first.

  --json              print one JSON object: {"model", "node", "cpu", "results": [{"backend", "load_ms", "bytes", "ms", "comments_per_s"}]}
${modelHelp}

Examples:
  byteflow bench
  byteflow bench --backend simd128 --json | jq '.results[] | select(.bytes == 300).ms'`;

const lengths = [20, 100, 300, 1_000]; // bytes
const comment = 'I read the page twice and still do not see why you removed that source; please talk to us before you do it again. ';

interface Result {
  backend: Backend;
  /** From the call to a model that is ready. */
  load_ms: number;
  bytes: number;
  ms: number;
  comments_per_s: number;
}

export async function bench(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { ...modelOptions, json: { type: 'boolean', default: false } } });
  if (positionals.length > 0) throw new UsageError('bench takes no files');
  const results: Result[] = [];
  const skipped: string[] = [];
  let model = '';
  for (const backend of values.backend === undefined ? backends : [values.backend]) {
    const started = performance.now();
    let classifier: Classifier;
    try {
      classifier = await openClassifier({ model: values.model, backend });
    } catch (error) {
      if (values.backend !== undefined || !(error instanceof ByteflowError) || error.code !== 'unsupported') throw error;
      skipped.push(`${backend}: ${error.message}`);
      continue;
    }
    const load_ms = rounded(performance.now() - started);
    model = classifier.model;
    for (const bytes of lengths) {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${backend}, ${bytes} bytes`);
      const ms = await bestTime(classifier, comment.repeat(Math.ceil(bytes / comment.length)).slice(0, bytes));
      results.push({ backend: classifier.backend, load_ms, bytes, ms: rounded(ms), comments_per_s: Math.round(1_000 / ms) });
    }
    classifier.dispose();
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const report = { model, node: process.version, cpu: cpus()[0]?.model ?? 'unknown', results };
  if (values.json) return print(JSON.stringify(report));
  const rows = results.map((result) => [result.backend, result.load_ms, result.bytes, result.ms, result.comments_per_s]);
  const heading = `${report.model}, one thread, Node ${report.node.slice(1)}, ${report.cpu}`;
  await print([heading, '', table([['backend', 'load, ms', 'bytes', 'ms', 'comments/s'], ...rows]), ...skipped.map((why) => `\nNot run: ${why}`)].join('\n'));
}

const warmUp = 10; // calls: the engine compiles what is hot
const timeForLength = 400; // ms

async function bestTime(classifier: Classifier, text: string): Promise<number> {
  for (let i = 0; i < warmUp; i++) await classifier.score(text);
  let best = Infinity;
  for (const end = performance.now() + timeForLength; performance.now() < end; ) {
    const started = performance.now();
    await classifier.score(text);
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

const rounded = (ms: number): number => Number(ms.toPrecision(3));
