// The dense layers of byteflow's toxicity model and the slices that join them, without its other layers.
import { blocks, channels, gates, projection } from '../peers/dense-shapes.js';
import { denseLayer, denseLayers } from './dense-layer.js';
import { FLOAT, Graph } from './graph.js';

export function denseModel({ rows, quantized }) {
  const graph = new Graph();
  const integers = (...values) => graph.constant([values.length], BigInt64Array.from(values, BigInt));
  const slice = (x, from, to, axis) => graph.op('Slice', [x, integers(from), integers(to), integers(axis)]);
  const before = graph.constant([1, channels], new Float32Array(channels));

  let x = 'input';
  for (let block = 0; block < blocks; block++) {
    const windows = graph.op('Concat', [graph.op('Concat', [before, slice(x, 0, rows - 1, 0)], { axis: 0 }), x], { axis: 1 });
    const directions = denseLayers(graph, windows, 2, { ...gates, quantized });
    const states = directions.map((codes) => slice(codes, 0, channels / 2, 1)); // where the model pools
    x = denseLayer(graph, graph.op('Concat', states, { axis: 1 }), { ...projection, quantized });
  }
  const dims = [rows, channels];
  return graph.model([{ name: 'input', type: FLOAT, dims }], [{ name: 'output', from: x, type: FLOAT, dims }]);
}
