// The steps of a decoder whose cache grows, in onnxruntime-web. What a search does between two steps is not in them: moving caches from beam to beam.
import * as ort from 'onnxruntime-web';
import { caches, growingCacheModel, heads, headWidth, vocabulary } from '../onnx/growing-cache.js';
import { StepTimes } from './step-times.js';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

export async function run({ steps, rows, beamCounts, quick }) {
  const curves = [];
  for (const beams of beamCounts) {
    const session = await ort.InferenceSession.create(growingCacheModel({ beams, rows }), { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
    const times = new StepTimes();
    let bytes;
    for (let run = 0; run < (quick ? 2 : 10); run++) bytes = await write(session, beams, steps, times);
    curves.push({ beams, at40: times.at(40), at400: times.at(400), curve: times.curve(), cacheBytes: bytes });
    await session.release();
  }
  return { curves };
}

/** Gives the size of all caches after the last step. */
async function write(session, beams, steps, times) {
  const empty = () => new ort.Tensor('float32', new Float32Array(0), [beams, heads, 0, headWidth]);
  let feeds = Object.fromEntries(caches.map((name) => [name, empty()]));
  times.begin();
  for (let step = 0; step < steps; step++) {
    const ids = new ort.Tensor('int64', BigInt64Array.from({ length: beams }, () => BigInt(step % vocabulary)), [beams, 1]);
    const started = performance.now();
    const { logits, ...grown } = await session.run({ ids, ...feeds });
    times.add(performance.now() - started);
    if (!Number.isFinite(logits.data[0])) throw new Error('its output is not finite');
    feeds = Object.fromEntries(caches.map((name) => [name, grown[`grown ${name}`]]));
  }
  return caches.reduce((sum, name) => sum + 4 * feeds[name].data.length, 0);
}
