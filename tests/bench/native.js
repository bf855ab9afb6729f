// The native program, its JSON brought to the form of the engines' results.
import { outputOf } from './output-of.js';
import { inRoot } from '../../tools/paths.js';

const program = inRoot('build/release/tests/bench/byteflow_bench');

/** [{ backend, peak, gemm, layers }] */
export async function nativeKernels({ model, frames, quick }) {
  const results = new Map(); // by backend
  for (const { run_name: name, label, macs, real_time: nanoseconds } of await repetitions([model, frames, '--benchmark_filter=^(peak|gemm)/simd128', ...shortAndMany(quick)])) {
    const [work, backend, ...shape] = name.split('/');
    const [rows, inputs, outputs] = shape.map(Number);
    if (!results.has(backend)) results.set(backend, { peak: new Map(), gemm: new Map(), kernels: new Map() });
    keepFaster(results.get(backend)[work], name, work === 'peak' ? { instruction: label } : { rows, inputs, outputs }, macs / nanoseconds);
  }
  for (const { run_name: name, ...counters } of await repetitions([model, frames, '--benchmark_filter=^layers/simd128', ...passes(quick)])) {
    keepKernelTimes(results.get(name.split('/')[1]).kernels, counters);
  }
  const wholes = new Map((await nativeComments({ model, frames, quick })).map(({ backend, milliseconds }) => [backend, milliseconds]));
  return [...results].map(([backend, { peak, gemm, kernels }]) => ({
    backend,
    peak: [...peak.values()][0],
    gemm: [...gemm.values()],
    layers: { milliseconds: wholes.get(backend).reduce((sum, time) => sum + time, 0), kernels: [...kernels.values()] },
  }));
}

/** [{ backend, milliseconds }], each comment's best. */
export async function nativeComments({ model, frames, quick }) {
  const best = new Map();
  for (const { run_name: name, ...counters } of await repetitions([model, frames, '--benchmark_filter=^texts/simd128', ...passes(quick)])) {
    const backend = name.split('/')[1];
    if (!best.has(backend)) best.set(backend, []);
    keepTextTimes(best.get(backend), counters);
  }
  return [...best].map(([backend, milliseconds]) => ({ backend, milliseconds }));
}

// In random order, so that each kernel meets quiet moments, and its best is kept.
const shortAndMany = (quick) => ['--benchmark_min_time=0.002', `--benchmark_repetitions=${quick ? 5 : 50}`, '--benchmark_enable_random_interleaving=true'];
const passes = (quick) => ['--benchmark_min_time=0.001', `--benchmark_repetitions=${quick ? 2 : 7}`];

async function repetitions(args) {
  const { benchmarks } = JSON.parse(await outputOf(program, [...args, '--benchmark_format=json']));
  return benchmarks.filter(({ run_type: type }) => type === 'iteration');
}

function keepFaster(entries, name, entry, gmacs) {
  if (!(entries.get(name)?.gmacs >= gmacs)) entries.set(name, { ...entry, gmacs });
}

// Counters named by the text's index, in seconds.
function keepTextTimes(milliseconds, counters) {
  for (let i = 0; counters[i] !== undefined; i++) milliseconds[i] = Math.min(milliseconds[i] ?? Infinity, counters[i] * 1e3);
}

// Counters KERNEL/INPUTS/OUTPUTS/seconds and the like.
function keepKernelTimes(kernels, counters) {
  for (const [name, seconds] of Object.entries(counters).filter(([name]) => name.endsWith('/seconds'))) {
    const key = name.slice(0, -'/seconds'.length);
    const [kernel, inputs, outputs] = key.split('/');
    const milliseconds = Math.min(seconds * 1e3, kernels.get(key)?.milliseconds ?? Infinity);
    kernels.set(key, { kernel, inputs: Number(inputs), outputs: Number(outputs), calls: counters[`${key}/calls`], macs: counters[`${key}/macs`] ?? 0, milliseconds });
  }
}
