// Model files that mean harm: [name, bytes, codes that the error may have]. Their checksums fit, so that each fault is met by whatever is to find it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { randomFrom } from './random.js';
import { rootOf } from './flat.js';

// Numbers of fields in core/src/model/model.fbs.
const model = { version: 0, checksum: 1, name: 2, normEpsilon: 3, frontEnd: 4, encoderType: 5, encoder: 6, head: 7, calibration: 8, activations: 9, tensors: 10, wordFrontEnd: 12, decoder: 13 };
const tensor = { name: 0, type: 1, shape: 2, scales: 3, data: 4 };

const golden = (name) => new Uint8Array(readFileSync(join(import.meta.dirname, '../golden', `${name}.byteflow`)));

/** A copy of a golden model, `tiny` or `generators/small` say, that `change(root, view, bytes)` has altered. */
function altered(name, change) {
  const bytes = golden(name);
  const view = new DataView(bytes.buffer);
  const checksumAt = rootOf(bytes).field(model.checksum); // before it may get lost
  change(rootOf(bytes), view, bytes);
  bytes.fill(0, checksumAt, checksumAt + 4);
  view.setUint32(checksumAt, crc32(bytes), true);
  return bytes;
}

const tensorNamed = (root, name) => root.tables(model.tensors).find((found) => found.text(tensor.name) === name);
const activationNamed = (root, name) => root.tables(model.activations).find((found) => found.text(0) === name);

const invalid = ['invalid-model'];
const refused = ['invalid-model', 'not-a-model', 'unsupported-version'];

function* notModels() {
  yield ['nothing', new Uint8Array(0)];
  yield ['a byte', Uint8Array.of(0)];
  yield ['zeros', new Uint8Array(10_000)];
  yield ['ones', new Uint8Array(10_000).fill(0xff)];
  yield ['the identifier alone', Uint8Array.of(8, 0, 0, 0, 0x42, 0x46, 0x4c, 0x57)];
  yield ['a root beyond the end', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x42, 0x46, 0x4c, 0x57, ...Array(100).fill(0))];
  yield ['a root that is itself', Uint8Array.of(0, 0, 0, 0, 0x42, 0x46, 0x4c, 0x57, ...Array(100).fill(0))];
  yield ['noise behind the identifier', Uint8Array.from({ length: 50_000 }, ((random) => (_, i) => ([8, 0, 0, 0, 0x42, 0x46, 0x4c, 0x57][i] ?? random(256)))(randomFrom(1)))];
  yield ['a program', new TextEncoder().encode('\x7fELF\x02\x01\x01'.padEnd(5_000, '\0'))];
  yield ['a web page', new TextEncoder().encode('<!doctype html><title>404</title>')];
  yield ['WebAssembly', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)];
}

/** What a file's structure may lie about: an offset, a length. */
function* liars() {
  const lie = (name, place, value) => [name, altered('tiny', (root, view) => view.setUint32(place(root), value, true)), refused];
  const vectors = { tensors: model.tensors, activations: model.activations, name: model.name };
  for (const [name, field] of Object.entries(vectors)) {
    for (const value of [0, 4, 0x7ffffff0, 0xfffffffc]) yield lie(`${name} at offset ${value}`, (root) => root.field(field), value);
    for (const value of [0x3fffffff, 0x40000001, 0xffffffff]) yield lie(`${name} of ${value} elements`, (root) => root.target(field), value);
  }
  for (const value of [0x80000000, 0xffffffff]) yield lie(`a vtable at ${value}`, (root) => root.at, value);
  yield lie('the data of a tensor without end', (root) => tensorNamed(root, 'head.weight').target(tensor.data), 0xffffffff);
  yield lie('a tensor whose data is another place', (root) => tensorNamed(root, 'head.weight').field(tensor.data), 0x10);
}

/** What stands in a file that is whole, and contradicts what else stands there. */
function* contradictions() {
  const change = (name, of, edit, codes = invalid) => [name, altered(of, edit), codes];
  for (const value of [0, 2, 0xffffffff]) yield change(`version ${value}`, 'tiny', (root, view) => view.setUint32(root.field(model.version), value, true), ['unsupported-version']);
  yield change('an encoder of no kind', 'tiny', (root, view) => view.setUint8(root.field(model.encoderType), 9), ['unsupported-version', 'invalid-model']);
  yield change('an encoder that is another', 'tiny', (root, view) => view.setUint8(root.field(model.encoderType), 3), invalid);
  for (const value of [NaN, Infinity, -1, 0, 1e30]) {
    yield change(`norm_epsilon ${value}`, 'tiny', (root, view) => view.setFloat32(root.field(model.normEpsilon), value, true));
    yield change(`an activation's scale ${value}`, 'tiny', (root, view) => view.setFloat32(activationNamed(root, 'gbst').field(1), value, true));
    yield change(`a weight's scale ${value}`, 'tiny', (root, view) => view.setFloat32(tensorNamed(root, 'conv.weight').target(tensor.scales) + 4, value, true));
    yield change(`a bias of the head ${value}`, 'tiny', (root, view) => view.setFloat32(tensorNamed(root, 'head.bias').target(tensor.data) + 4, value === 0 ? 1e20 : value === -1 ? -1e20 : value, true));
  }
  for (const value of [-129, 128, -0x80000000, 0x7fffffff]) yield change(`a zero point of ${value}`, 'tiny', (root, view) => view.setInt32(activationNamed(root, 'gbst').field(2), value, true));
  const frontEnd = { max_bytes: 0, embedding_channels: 1, conv_width: 2, channels: 3, downsample: 5 };
  for (const [name, field] of Object.entries(frontEnd)) {
    for (const value of [0, 0x10001, 0xffffffff]) yield change(`${name} ${value}`, 'tiny', (root, view) => view.setUint32(root.table(model.frontEnd).field(field), value, true));
  }
  for (const [name, field] of Object.entries({ blocks: 0, state: 1, window: 2 })) {
    for (const value of [0, 0xffffffff]) yield change(`an encoder's ${name} ${value}`, 'tiny', (root, view) => view.setUint32(root.table(model.encoder).field(field), value, true));
  }
  yield change('a block of no width', 'tiny', (root, view) => view.setUint8(root.table(model.frontEnd).target(4) + 4, 0));
  yield change('a dimension of 2^32 - 1', 'tiny', (root, view) => view.setUint32(tensorNamed(root, 'conv.weight').target(tensor.shape) + 4, 0xffffffff, true));
  yield change('a tensor of another type', 'tiny', (root, view) => view.setUint8(tensorNamed(root, 'gbst.exp').field(tensor.type), 4));
  yield change('a tensor of no type', 'tiny', (root, view) => view.setUint8(tensorNamed(root, 'gbst.exp').field(tensor.type), 200));
  yield change('weights of -128', 'tiny', (root, view, bytes) => bytes.fill(0x80, tensorNamed(root, 'conv.weight').target(tensor.data) + 4, tensorNamed(root, 'conv.weight').target(tensor.data) + 20));
  yield change('an exp table of zeros', 'tiny', (root, view, bytes) => bytes.fill(0, tensorNamed(root, 'pool.exp').target(tensor.data) + 4, tensorNamed(root, 'pool.exp').target(tensor.data) + 516));
  yield change('two tensors of one name', 'tiny', (root, view, bytes) => bytes.set(new TextEncoder().encode('head.bias\0\0'), tensorNamed(root, 'head.weight').target(tensor.name) + 4));
  yield change('a label that is a terminal command', 'tiny', (root, view, bytes) => bytes.set([0x1b], root.table(model.head).tables(0)[0].at + 4));
  yield change('a name that is not UTF-8', 'tiny', (root, view, bytes) => bytes.set([0xff], root.target(model.name) + 4));
  yield change('a text longer than any', 'words', (root, view) => view.setUint32(root.table(model.wordFrontEnd).field(0), 0xffffffff, true));
  yield change('a longest text that takes more work than is allowed', 'calibrated', (root, view) => view.setUint32(root.table(model.frontEnd).field(0), 16_384, true), ['over-limit']);
  yield change('more heads than channels', 'transformer', (root, view) => view.setUint32(root.table(model.encoder).field(1), 0xffffffff, true));
  yield change('pooling of no rows', 'funnel', (root, view) => view.setUint8(root.table(model.encoder).target(0) + 4, 0));
}

/** What the decoder of a generator contradicts. */
function* brokenDecoders() {
  const change = (name, edit, of = 'generators/small') => [name, altered(of, edit), invalid];
  // Sizes of the decoder that no model has, and such as do not fit this one's tensors.
  const sizes = { max_length: [0, [0, 47, 16_385, 0xffffffff]], embedding_channels: [1, [0, 6, 0xffffffff]], window: [2, [0, 2, 17]], blocks: [3, [0, 3, 0xffffffff]], heads: [4, [0, 5, 0xffffffff]], feed_forward: [5, [0, 1, 0xffffffff]] };
  for (const [name, [field, values]] of Object.entries(sizes)) {
    for (const value of values) yield change(`a decoder's ${name} ${value}`, (root, view) => view.setUint32(root.table(model.decoder).field(field), value, true));
  }
  yield change('a decoder that is another place', (root, view) => view.setUint32(root.field(model.decoder), 0x10, true));
  yield change('a decoder that is not there', (root, view) => view.setUint16(root.at - view.getInt32(root.at, true) + 4 + 2 * model.decoder, 0, true));
  yield change('a decoder for longer texts than are read', (root, view) => view.setUint32(root.table(model.frontEnd).field(0), 61, true));
  yield change('a block of the decoder that lacks a tensor', (root, view) => view.setUint8(tensorNamed(root, 'decoder.1.running.weight').target(tensor.name) + 4, 0x7e));
  for (const value of [NaN, -1]) yield change(`a decoder's activation of scale ${value}`, (root, view) => view.setFloat32(activationNamed(root, 'decoder.0.merged').field(1), value, true));
  yield change('logits of scale 17', (root, view) => view.setFloat32(activationNamed(root, 'decoder.logits').field(1), 17, true));
  const table = (root, name) => tensorNamed(root, name).target(tensor.data) + 4;
  yield change('a decoder whose exp table is zeros', (root, view, bytes) => bytes.fill(0, table(root, 'decoder.exp'), table(root, 'decoder.exp') + 512));
  yield change('a log table that falls', (root, view) => view.setInt32(table(root, 'decoder.log') + 4 * 128, 1, true));
  yield change('a log table of lowest numbers', (root, view) => Array.from({ length: 256 }, (_, i) => view.setInt32(table(root, 'decoder.log') + 4 * i, -0x80000000, true)));
  const lexicon = (name, edit) => change(name, (root, view) => edit(tensorNamed(root, 'decoder.lexicon'), view), 'generators/words');
  for (const value of [0, 128, 255, 512, 0x80000000, 0xffffffff]) yield lexicon(`a lexicon of ${value} bytes`, (found, view) => view.setUint32(found.target(tensor.shape) + 4, value, true));
  for (const value of [NaN, Infinity, -1, 0, 17]) yield lexicon(`a lexicon whose penalty is ${value}`, (found, view) => view.setFloat32(found.target(tensor.scales) + 4, value, true));
  yield lexicon('a lexicon of another type', (found, view) => view.setUint8(found.field(tensor.type), 1));
}

export function hostileGenerators() {
  const generator = golden('generators/small');
  const truncated = [8, 100, 5_000, generator.length - 64].map((length) => [`the first ${length} bytes`, generator.slice(0, length), refused]);
  return [...truncated, ...brokenDecoders(), ['a model that scores texts', golden('tiny'), ['invalid-argument']]];
}

export function hostileModels() {
  const truncated = [8, 100, 5_000, 20_000].map((length) => [`the first ${length} bytes`, golden('tiny').slice(0, length), refused]);
  const writer = ['a model that writes texts', golden('generators/small'), ['invalid-argument']];
  return [...[...notModels()].map(([name, bytes]) => [name, bytes, refused]), ...truncated, ...liars(), ...contradictions(), writer];
}
