// Nothing is allocated after load. WebAssembly memory only ever grows, and grows when its heap is full: the heap is filled first, so that even a leak of
// one byte a call would show.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { backends, isSupported } from 'byteflow';

const calls = 100_000;
const block = 4096;
const model = new Uint8Array(readFileSync(join(import.meta.dirname, '../golden/tiny.byteflow')));
const encoder = new TextEncoder();

/** A new instance of the raw module, as the package makes it, and its memory. */
async function instantiate(backend) {
  const { default: create } = await import(`byteflow/wasm/byteflow-${backend}.mjs`);
  const module = new WebAssembly.Module(readFileSync(fileURLToPath(import.meta.resolve(`byteflow/wasm/byteflow-${backend}.wasm`))));
  let memory;
  const runtime = await create({
    instantiateWasm(imports, receive) {
      const instance = new WebAssembly.Instance(module, imports);
      memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
      receive(instance, module);
      return instance.exports;
    },
  });
  return { runtime, size: () => memory.buffer.byteLength };
}

function load({ runtime }) {
  const classifier = runtime.Classifier.create(model.length);
  classifier.modelBuffer().set(model);
  assert.equal(classifier.load(), 0, classifier.errorMessage());
  return classifier;
}

/** Scores as web/src/classifier.ts does; the text's length and content change with `i`. */
function score(classifier, i) {
  const text = 'aé漢😀 '.repeat(10 + (i % 7)).slice(0, i % 60); // none to more than the 40 bytes that are read, lone surrogates among them
  const { written } = encoder.encodeInto(text, classifier.textBuffer().subarray(0, classifier.maxBytes()));
  assert.equal(classifier.score(written), 0);
  return classifier.probabilities()[0] + classifier.logits()[0];
}

/** How many blocks can still be allocated before the memory grows. */
function roomIn({ runtime, size }) {
  const before = size();
  let blocks = -1;
  for (; size() === before; blocks++) assert.notEqual(runtime.Classifier.create(block), null);
  return blocks;
}

for (const backend of backends.filter(isSupported)) {
  test(`${backend}: ${calls.toLocaleString('en')} calls of mixed lengths allocate nothing`, async () => {
    const twin = await instantiate(backend);
    score(load(twin), 0);
    const room = roomIn(twin);
    assert(room > 0);

    const full = await instantiate(backend);
    const classifier = load(full);
    score(classifier, 0); // the first call
    const before = full.size();
    for (let i = 0; i < room; i++) full.runtime.Classifier.create(block);
    assert.equal(full.size(), before, 'the blocks that fit were counted in a twin');
    for (let i = 0; i < calls; i++) score(classifier, i);
    assert.equal(full.size(), before);
    for (let i = 0; i < 3; i++) full.runtime.Classifier.create(block);
    assert(full.size() > before, 'the heap was full, so that a leak would have shown');
  });
}
