// Memory that cannot be had: an error that has a name, and what was loaded goes on working.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadClassifier } from 'byteflow';
import { smallModelBytes, smallModelUrl } from '../web/models.js';

/** Refuses WebAssembly memory that wants to grow, as an engine does when the system has none left. */
async function withoutMemory(act) {
  const { grow } = WebAssembly.Memory.prototype;
  WebAssembly.Memory.prototype.grow = () => {
    throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory');
  };
  try {
    await act();
  } finally {
    WebAssembly.Memory.prototype.grow = grow;
  }
}

test('a model that does not fit', async () => {
  const standing = await loadClassifier(smallModelUrl);
  const before = await standing.fingerprint();
  // The file alone is more than a module begins with.
  const large = new Uint8Array(20_000_000);
  large.set(smallModelBytes());
  await withoutMemory(async () => {
    await assert.rejects(loadClassifier(large), { name: 'ByteflowError', code: 'out-of-memory', message: /no memory for a model of 20000000 bytes/ });
    assert.equal(await standing.fingerprint(), before);
  });
  assert.equal(await (await loadClassifier(smallModelUrl)).fingerprint(), before);
});

test('a file larger than the memory of a module may be', async () => {
  await assert.rejects(loadClassifier(new Uint8Array(300_000_000)), { name: 'ByteflowError', code: 'out-of-memory' });
});

test('a model whose network does not fit beside its file', async () => {
  const bytes = smallModelBytes();
  let padding = 7_000_000;
  // The file still fits, and what it needs to run less and less: somewhere between, the core is the one who finds no memory.
  const codes = new Set();
  await withoutMemory(async () => {
    for (; padding <= 9_000_000; padding += 100_000) {
      const large = new Uint8Array(padding);
      large.set(bytes);
      codes.add(await loadClassifier(large).then(() => 'loaded', ({ code }) => code));
    }
  });
  // Bytes after a model's end change its checksum.
  assert.deepEqual([...codes].sort(), ['invalid-model', 'out-of-memory']);
});
