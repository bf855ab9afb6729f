import * as ort from 'onnxruntime-web';
import { bertModel, bertLabels, bertTokens } from '../onnx/bert.js';
import { denseModel } from '../onnx/dense.js';
import { channels, rowsOf } from './dense-shapes.js';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

/** The work of one run, after a first one has shown that the model gives finite numbers of the shape that is asked for. */
async function sessionWork(model, feeds, shape) {
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
  const { output } = await session.run(feeds);
  if (String(output.dims) !== String(shape)) throw new Error(`its output has the shape ${output.dims}, not ${shape}`);
  if (!output.data.every(Number.isFinite)) throw new Error('its output is not finite');
  return { work: () => session.run(feeds) };
}

const dense = (name, quantized) => ({
  name,
  round: 'dense',
  prepare({ text }) {
    const shape = [rowsOf(text), channels];
    const input = Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(i));
    return sessionWork(denseModel({ rows: shape[0], quantized }), { input: new ort.Tensor('float32', input, shape) }, shape);
  },
});

export const contestants = [
  {
    name: 'onnxruntime-web, BERT base in int8',
    round: 'text',
    prepare() {
      const ids = BigInt64Array.from({ length: bertTokens }, (_, i) => BigInt(1000 + i));
      return sessionWork(bertModel(), { ids: new ort.Tensor('int64', ids, [1, bertTokens]) }, [1, bertLabels]);
    },
  },
  dense('onnxruntime-web, int8', true),
  dense('onnxruntime-web, float32', false),
];
