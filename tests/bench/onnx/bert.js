// A classifier of BERT base's shape on random weights, dynamically quantized: what toxicity models on the web are.
import { denseLayer, denseLayers } from './dense-layer.js';
import { FLOAT, Graph, INT64 } from './graph.js';
import { randomCodes } from './random.js';

export const bertTokens = 64; // of an English text of 300 bytes
export const bertLabels = 6;
const layers = 12;
const width = 768;
const heads = 12;
const inner = 3072;
const vocabulary = 30522;

export function bertModel() {
  const graph = new Graph();
  const dense = (x, inputs, outputs) => denseLayer(graph, x, { inputs, outputs, quantized: true });
  const scalar = (value) => graph.constant([], Float32Array.of(value));
  const shape = (...dims) => graph.constant([dims.length], BigInt64Array.from(dims, BigInt));
  const norm = (x) => {
    const [gain, shift] = [1, 0].map((value) => graph.constant([width], new Float32Array(width).fill(value)));
    return graph.op('LayerNormalization', [x, gain, shift], { axis: -1, epsilon: 1e-12 });
  };
  const embedding = (ids, rows) => {
    const codes = graph.op('Gather', [graph.constant([rows, width], randomCodes(rows * width)), ids]);
    return graph.op('DequantizeLinear', [codes, scalar(1 / 73), graph.constant([], Int8Array.of(0))]);
  };
  const split = (x, perm) => graph.op('Transpose', [graph.op('Reshape', [x, shape(1, bertTokens, heads, width / heads)])], { perm });

  function attention(x) {
    const [query, key, value] = denseLayers(graph, x, 3, { inputs: width, outputs: width, quantized: true });
    const products = graph.op('MatMul', [split(query, [0, 2, 1, 3]), split(key, [0, 2, 3, 1])]);
    const shares = graph.op('Softmax', [graph.op('Div', [products, scalar(Math.sqrt(width / heads))])], { axis: -1 });
    const mixed = graph.op('Transpose', [graph.op('MatMul', [shares, split(value, [0, 2, 1, 3])])], { perm: [0, 2, 1, 3] });
    return dense(graph.op('Reshape', [mixed, shape(1, bertTokens, width)]), width, width);
  }

  // As exporters write it; onnxruntime makes one operation of the five.
  function gelu(x) {
    const erf = graph.op('Erf', [graph.op('Div', [x, scalar(Math.SQRT2)])]);
    return graph.op('Mul', [graph.op('Mul', [x, graph.op('Add', [erf, scalar(1)])]), scalar(0.5)]);
  }

  const positions = graph.constant([1, bertTokens], BigInt64Array.from({ length: bertTokens }, (_, i) => BigInt(i)));
  let x = norm(graph.op('Add', [embedding('ids', vocabulary), embedding(positions, bertTokens)]));
  for (let layer = 0; layer < layers; layer++) {
    x = norm(graph.op('Add', [x, attention(x)]));
    x = norm(graph.op('Add', [x, dense(gelu(dense(x, width, inner)), inner, width)]));
  }
  const first = graph.op('Gather', [x, graph.constant([], BigInt64Array.of(0n))], { axis: 1 });
  const logits = dense(graph.op('Tanh', [dense(first, width, width)]), width, bertLabels);
  return graph.model([{ name: 'ids', type: INT64, dims: [1, bertTokens] }], [{ name: 'output', from: logits, type: FLOAT, dims: [1, bertLabels] }]);
}
