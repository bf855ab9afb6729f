import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteflowError, loadClassifier } from 'byteflow';
import { smallModelBytes } from './models.js';

/** Where the root table of the model keeps its first field, the version: FlatBuffers finds it through a table of offsets. */
function versionAt(bytes) {
  const view = new DataView(bytes.buffer);
  const table = view.getUint32(0, true);
  const offsets = table - view.getInt32(table, true);
  return table + view.getUint16(offsets + 4, true);
}

test('a truncated model is an error, wherever it ends', async () => {
  const whole = smallModelBytes();
  for (const length of [0, 1, 7, 8, 64, 1000, whole.length >> 1, whole.length - 1]) {
    const code = length < 8 ? 'not-a-model' : 'invalid-model';
    await assert.rejects(loadClassifier(whole.slice(0, length)), { name: 'ByteflowError', code, message: new RegExp(`${length} bytes`) });
  }
});

test('a model of another version is an error that names both versions', async () => {
  const bytes = smallModelBytes();
  bytes[versionAt(bytes)] = 9;
  await assert.rejects(loadClassifier(bytes), { code: 'unsupported-version', message: /version 9.* version 1/ });
});

test('bytes of something else are an error that says so', async () => {
  await assert.rejects(loadClassifier(new TextEncoder().encode('{"json": "is no model"}')), { code: 'not-a-model', message: /BFLW/ });
});

test('a damaged name of a tensor is an error that names it', async () => {
  const bytes = smallModelBytes();
  const at = Buffer.from(bytes.buffer).indexOf('head.weight');
  bytes[at] ^= 1; // ieead.weight
  await assert.rejects(loadClassifier(bytes), { code: 'invalid-model', message: /head\.weight is missing/ });
});

test('any flipped bit is an error: of a damaged file, where it looks like no other file, or one of another version', async () => {
  const whole = smallModelBytes();
  const head = 8 * 128; // bits, in which lie the identifier, the version, the kind of the encoder, and where these are found
  const stride = 1009; // a prime: every kind of place is met, in about 660 of the 666,112 bits
  const codes = new Set();
  for (let bit = 0; bit < whole.length * 8; bit += bit < head ? 1 : stride) {
    const bytes = whole.slice();
    bytes[bit >> 3] ^= 1 << (bit & 7);
    const error = await loadClassifier(bytes).catch((error) => error);
    assert(error instanceof ByteflowError && /^the model bytes: \w/.test(error.message), `bit ${bit}`);
    if (bit >= head) assert.equal(error.code, 'invalid-model', `bit ${bit}`);
    codes.add(error.code);
  }
  assert.deepEqual([...codes].sort(), ['invalid-model', 'not-a-model', 'unsupported-version']);
});
