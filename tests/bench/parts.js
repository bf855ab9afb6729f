// The parts of the benchmark, by the name that --only takes. Each gives rows for the report; what fails gives a row with `fault`, and the others go on.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { nativeComments, nativeKernels } from './native.js';
import { inRoot } from '../../tools/paths.js';

// Scalar is the oracle of tests and runs where there is no SIMD; timing it as often as the others would take an hour.
const backends = ['relaxed', 'simd128'];
const rowCounts = [1, 4, 32, 128];

/** 300 bytes; a tokenizer of words makes about 64 tokens of them. */
export const sampleText =
  'I have read your changes to the article twice, and I still think that the second paragraph tells more than its sources do. ' +
  'Could you add a reference, or take the last sentence out? If you would rather talk about it first, the discussion page is ' +
  'fine with me; I will not revert anything today. Thanks.';

/** 60 bytes, as people write them whom a rewrite is for. */
const rudeText = 'this guy is dumb as a post and his page is full of nonsense.';

/** NAME: ({ hosts, inputs, comments, attempt }) => rows; `attempt(what, work)` gives the result of `work`, or { fault }. */
export const parts = {
  /** Each backend's gemm beside the peak of its instruction, and the time of each layer. */
  async kernels(context) {
    const { inputs, attempt } = context;
    const rows = await everywhere(context, 'kernels', { ...inputs, rowCounts });
    return [...rows, ...(await natively(attempt, 'kernels', () => nativeKernels(inputs)))];
  },

  /** The time of real comments through the package. */
  async comments(context) {
    const { inputs, attempt, comments } = context;
    const rows = await everywhere(context, 'comments', inputs);
    const native = await natively(attempt, 'comments', () => nativeComments(inputs));
    return [...rows, ...native].map(({ milliseconds, ...row }) => (milliseconds ? { ...row, ...spreads(milliseconds, comments) } : row));
  },

  /** From import to the first score, each time in a new process or a new page. */
  async start({ hosts, inputs, attempt }) {
    const rows = [];
    for (const host of hosts) {
      const result = await attempt(`start, ${host.name}`, async () => {
        const runs = [];
        for (let i = 0; i < (inputs.quick ? 3 : 20); i++) runs.push(await host.run('first-score', { text: sampleText }));
        const sorted = runs.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
        return { backend: runs[0].backend, best: sorted[0], median: quantile(sorted, 0.5), downloads: runs[0].downloads?.map(withBrotli) };
      });
      rows.push({ engine: host.name, ...result });
    }
    return rows;
  },

  /** A generator's steps early and late in a text, a rewrite, and a decoder whose cache grows beside it. */
  async generation(context) {
    const { hosts, inputs, attempt } = context;
    const endless = 'build/bench/endless.byteflow'; // as long as no released model writes
    const made = await attempt('generation, a model of 512 steps', async () => ({ log: execFileSync('/usr/bin/python3', [inRoot('tests/bench/endless_generator.py'), inRoot(endless)]) }));
    if (made.fault) return [{ engine: 'Python', ...made }];
    const released = 'models/civil-rewrite.byteflow';
    const rewriter = existsSync(inRoot(released)) ? released : endless;
    const settings = { ...inputs, endless, rewriter, text: rudeText, beamCounts: [1, 4] };
    const rows = await everywhere(context, 'generation', settings);
    const host = newestNode(hosts);
    const peer = await attempt(`growing cache, ${host.name}`, () => host.run('growing-cache', { ...settings, steps: 512, rows: rudeText.length }));
    return [...rows, { engine: host.name, name: 'onnxruntime-web, growing cache', ...peer }];
  },

  /** byteflow and its peers in one process of the newest Node. */
  async peers({ hosts, inputs, attempt, comments }) {
    const host = newestNode(hosts);
    const result = await attempt(`peers, ${host.name}`, () => host.run('peers', { ...inputs, text: sampleText }));
    if (result.fault) return [{ engine: host.name, ...result }];
    return result.rows.map((row) => ({ engine: host.name, ...row }));
  },
};

const newestNode = (hosts) => hosts.filter(({ name }) => name.startsWith('Node')).at(-1);

async function everywhere({ hosts, attempt }, part, settings) {
  const rows = [];
  for (const host of hosts) {
    for (const backend of backends) {
      const result = await attempt(`${part}, ${host.name}, ${backend}`, () => host.run(part, { ...settings, backend }));
      rows.push({ engine: host.name, backend, ...result });
    }
  }
  return rows;
}

async function natively(attempt, part, run) {
  const result = await attempt(`${part}, native`, run);
  return (Array.isArray(result) ? result : [result]).map((row) => ({ engine: 'native', ...row }));
}

/** Of all comments, and of those that are long enough to be work. */
function spreads(milliseconds, comments) {
  const long = milliseconds.filter((_, i) => Buffer.byteLength(comments[i]) > 200);
  return { all: spread(milliseconds), long: spread(long) };
}

function spread(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return { count: times.length, mean: times.reduce((sum, time) => sum + time, 0) / times.length, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

function withBrotli({ path, bytes }) {
  return { path, bytes, brotli: brotliCompressSync(readFileSync(inRoot('web', path))).length };
}
