// A step of a conventional Transformer decoder of civil-rewrite's size on random weights: self-attention over a cache that grows by a row a step, in
// 8 bits as onnxruntime's quantize_dynamic writes it.
import { denseLayer, denseLayers } from './dense-layer.js';
import { FLOAT, Graph, INT64 } from './graph.js';
import { randomCodes } from './random.js';

export const vocabulary = 259;
export const heads = 6;
export const headWidth = 32;
export const caches = ['key', 'value'].flatMap((kind) => [0, 1, 2].map((layer) => `${kind}${layer}`));
const width = heads * headWidth;
const inner = 576;
const layers = 3;

/** `rows` of the input are attended to; a step takes `ids` [beams, 1] and the caches [beams, heads, step, headWidth]. */
export function growingCacheModel({ beams, rows }) {
  const graph = new Graph();
  const scalar = (value) => graph.constant([], Float32Array.of(value));
  const shape = (...dims) => graph.constant([dims.length], BigInt64Array.from(dims, BigInt));
  const floats = (dims) => graph.constant(dims, Float32Array.from(randomCodes(dims.reduce((a, b) => a * b)), (code) => code / 73));
  const dense = (x, inputs, outputs) => denseLayer(graph, x, { inputs, outputs, quantized: true });
  const norm = (x) => {
    const [gain, shift] = [1, 0].map((value) => graph.constant([width], new Float32Array(width).fill(value)));
    return graph.op('LayerNormalization', [x, gain, shift], { axis: -1, epsilon: 1e-6 });
  };
  const add = (x, y) => graph.op('Add', [x, y]);
  const split = (x) => graph.op('Reshape', [x, shape(beams, heads, 1, headWidth)]); // of one row it moves nothing

  function attention(query, keys, values) {
    const products = graph.op('MatMul', [split(query), graph.op('Transpose', [keys], { perm: [0, 1, 3, 2] })]);
    const shares = graph.op('Softmax', [graph.op('Div', [products, scalar(Math.sqrt(headWidth))])], { axis: -1 });
    return dense(graph.op('Reshape', [graph.op('MatMul', [shares, values]), shape(beams, 1, width)]), width, width);
  }

  let x = graph.op('Gather', [floats([vocabulary, width]), 'ids']);
  const grown = {};
  for (let layer = 0; layer < layers; layer++) {
    const [query, key, value] = denseLayers(graph, norm(x), 3, { inputs: width, outputs: width, quantized: true });
    for (const [name, row] of [[`key${layer}`, key], [`value${layer}`, value]]) grown[name] = graph.op('Concat', [name, split(row)], { axis: 2 });
    x = add(x, attention(query, grown[`key${layer}`], grown[`value${layer}`]));
    x = add(x, attention(dense(norm(x), width, width), floats([1, heads, rows, headWidth]), floats([1, heads, rows, headWidth])));
    x = add(x, dense(graph.op('Relu', [dense(norm(x), width, inner)]), inner, width));
  }
  const logits = dense(norm(x), width, vocabulary);
  const cache = (name, length) => ({ name, type: FLOAT, dims: [beams, heads, length, headWidth] });
  return graph.model(
    [{ name: 'ids', type: INT64, dims: [beams, 1] }, ...caches.map((name) => cache(name, 'before'))],
    [{ name: 'logits', from: logits, type: FLOAT, dims: [beams, 1, vocabulary] }, ...caches.map((name) => ({ ...cache(`grown ${name}`, 'after'), from: grown[name] }))],
  );
}
