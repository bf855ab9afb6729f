// One backend's gemm beside its register-only loop, and where the time of texts goes.
import { bestTime } from './best-time.js';
import { passes } from './passes.js';
import { obstacle } from './support.js';

// A call takes 0.3 ms at the 100 GMAC/s of the fastest kernel, a thousand times what the crossing from JavaScript takes.
const macsOfCall = 32e6;

export async function run({ backend, model, frames, rowCounts, quick }, { url, read }) {
  const why = await obstacle(backend);
  if (why !== undefined) return { skipped: why };
  const { default: create } = await import(url(`build/wasm-${backend}/tests/bench/byteflow_bench.mjs`));
  const module = await create();
  const texts = new module.Texts(await read(model), await read(frames));
  if (texts.fault() !== '') throw new Error(texts.fault());

  const layers = await layerTimes(texts, quick);
  const peak = await peakOf(module, quick);
  const gemm = [];
  for (const { inputs, outputs } of layers.kernels.filter(({ kernel }) => kernel === 'gemm')) {
    for (const rows of rowCounts) gemm.push({ rows, inputs, outputs, gmacs: await gemmSpeed(module, { rows, inputs, outputs }, quick) });
  }
  return { peak, gemm, layers };
}

async function peakOf(module, quick) {
  const peak = module.peak();
  if (peak === undefined) return undefined;
  const rounds = Math.ceil(macsOfCall / peak.macs);
  const milliseconds = await bestTime(() => module.runPeak(rounds), { quick });
  return { instruction: peak.instruction, gmacs: (rounds * peak.macs) / milliseconds / 1e6 };
}

async function gemmSpeed(module, { rows, inputs, outputs }, quick) {
  const gemm = new module.Gemm(rows, inputs, outputs);
  const times = Math.ceil(macsOfCall / gemm.macs);
  const milliseconds = await bestTime(() => gemm.run(times), { quick });
  const { macs } = gemm;
  gemm.delete();
  return (times * macs) / milliseconds / 1e6;
}

/** Of one pass over all texts, in milliseconds: the whole, and each kernel; each the best of several passes. */
async function layerTimes(texts, quick) {
  const kernels = new Map();
  for (const _ of passes({ quick })) {
    const times = texts.scoreAllTimed();
    for (let i = 0; i < times.size(); i++) {
      const { kernel, inputs, outputs, calls, macs, seconds } = times.get(i);
      const key = `${kernel}/${inputs}/${outputs}`;
      const milliseconds = Math.min(seconds * 1e3, kernels.get(key)?.milliseconds ?? Infinity);
      kernels.set(key, { kernel, inputs, outputs, calls, macs, milliseconds });
    }
    times.delete();
  }
  let milliseconds = Infinity;
  for (const _ of passes({ quick })) {
    const started = performance.now();
    texts.scoreAll();
    milliseconds = Math.min(milliseconds, performance.now() - started);
  }
  return { milliseconds, kernels: [...kernels.values()] };
}
