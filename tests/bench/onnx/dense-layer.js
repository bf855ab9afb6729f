// A dense layer on random weights, in float32 or as onnxruntime's quantize_dynamic writes it: 8-bit activations whose range is found at run time.
import { FLOAT } from './graph.js';
import { randomCodes } from './random.js';

/** `count` layers on the same input `x` [..., inputs]; gives the names of their outputs [..., outputs]. */
export function denseLayers(graph, x, count, { inputs, outputs, quantized }) {
  const quantizedInput = quantized ? graph.ops('DynamicQuantizeLinear', [x], 3) : undefined; // codes, scale, zero point
  return Array.from({ length: count }, () => {
    const product = quantized ? integerProduct(graph, quantizedInput, inputs, outputs) : floatProduct(graph, x, inputs, outputs);
    return graph.op('Add', [product, graph.constant([outputs], new Float32Array(outputs).fill(0.01))]);
  });
}

export const denseLayer = (graph, x, shape) => denseLayers(graph, x, 1, shape)[0];

// Keeps the size of what goes through: codes have a standard deviation of 73.
const weightScale = (inputs) => 1 / (73 * Math.sqrt(inputs));

function floatProduct(graph, x, inputs, outputs) {
  const scale = weightScale(inputs);
  return graph.op('MatMul', [x, graph.constant([inputs, outputs], Float32Array.from(randomCodes(inputs * outputs), (code) => code * scale))]);
}

function integerProduct(graph, [codes, scale, zeroPoint], inputs, outputs) {
  const weight = graph.constant([inputs, outputs], randomCodes(inputs * outputs));
  const sums = graph.op('MatMulInteger', [codes, weight, zeroPoint, graph.constant([], Int8Array.of(0))]);
  const scales = graph.op('Mul', [scale, graph.constant([], Float32Array.of(weightScale(inputs)))]);
  return graph.op('Mul', [graph.op('Cast', [sums], { to: FLOAT }), scales]);
}
