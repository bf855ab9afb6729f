// Builds an ONNX model, operation by operation.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

const schema = protobuf.parse(readFileSync(new URL('onnx.proto', import.meta.url), 'utf8'), { keepCase: true }).root;
const ModelProto = schema.lookupType('onnx.ModelProto');
const AttributeType = schema.lookupEnum('onnx.AttributeProto.AttributeType').values;

const opset = 17; // the first with LayerNormalization
const irVersion = 8; // of the same release

const elementTypes = new Map([
  [Float32Array, 1],
  [Uint8Array, 2],
  [Int8Array, 3],
  [Int32Array, 6],
  [BigInt64Array, 7],
]);
export const FLOAT = elementTypes.get(Float32Array);
export const INT64 = elementTypes.get(BigInt64Array);

export class Graph {
  #nodes = [];
  #initializers = [];
  #count = 0;

  /** A constant tensor; gives its name. */
  constant(dims, data) {
    const name = this.#name();
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.push({ name, dims, data_type: elementTypes.get(data.constructor), raw_data: raw });
    return name;
  }

  /** An operation of one output; gives its name. */
  op(type, inputs, attributes = {}) {
    return this.ops(type, inputs, 1, attributes)[0];
  }

  /** An operation of several outputs; gives their names. */
  ops(type, inputs, count, attributes = {}) {
    const output = Array.from({ length: count }, () => this.#name());
    this.#nodes.push({ op_type: type, input: inputs, output, attribute: Object.entries(attributes).map(attribute) });
    return output;
  }

  /** The model file; inputs are { name, type, dims }, outputs say too whose value they are, `from`. A dimension that has a name has no fixed size. */
  model(inputs, outputs) {
    const identities = outputs.map(({ from, name }) => ({ op_type: 'Identity', input: [from], output: [name] }));
    return ModelProto.encode({
      ir_version: irVersion,
      opset_import: [{ domain: '', version: opset }],
      graph: { name: 'bench', node: [...this.#nodes, ...identities], initializer: this.#initializers, input: inputs.map(valueInfo), output: outputs.map(valueInfo) },
    }).finish();
  }

  #name() {
    return `t${this.#count++}`;
  }
}

// Every float attribute here is fractional.
function attribute([name, value]) {
  if (Array.isArray(value)) return { name, ints: value, type: AttributeType.INTS };
  return Number.isInteger(value) ? { name, i: value, type: AttributeType.INT } : { name, f: value, type: AttributeType.FLOAT };
}

const valueInfo = ({ name, type, dims }) => ({ name, type: { tensor_type: { elem_type: type, shape: { dim: dims.map((size) => (typeof size === 'string' ? { dim_param: size } : { dim_value: size })) } } } });
