// Nothing is allocated after load. WebAssembly memory only ever grows, and grows when its heap is full: the heap is filled first, so that even a leak of
// one byte a call would show.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backends, isSupported } from 'byteflow';
import { instantiate, loadInto } from './raw-module.js';

const block = 4096;
const encoder = new TextEncoder();

/** Puts a text, other ones as `i` grows, where a model reads it: none to more than is read, lone surrogates among them. */
function write(model, i) {
  const text = 'aé漢😀 '.repeat(10 + (i % 7)).slice(0, i % 60);
  return encoder.encodeInto(text, model.textBuffer().subarray(0, model.maxBytes())).written;
}

// What is called, as web/src does it.
const works = [
  {
    kind: 'Classifier',
    file: 'tiny.byteflow',
    calls: 100_000,
    call(classifier, i) {
      assert.equal(classifier.score(write(classifier, i)), 0);
      return classifier.probabilities()[0] + classifier.logits()[0];
    },
  },
  {
    kind: 'Generator',
    file: 'generators/words.byteflow',
    calls: 10_000,
    call(generator, i) {
      const [length, beams, maxLength] = [write(generator, i), 1 + (i % 9), 1 + (i % generator.maxLength())];
      const code = i % 2 ? generator.begin(length, beams, maxLength, 0.6) : generator.beginSampling(length, beams, maxLength, 0.6, 1.5, i % 5, 0.9, i);
      assert.equal(code, 0, generator.errorMessage());
      while (generator.step()) if (i % 50 === 0) generator.drafts();
      return generator.candidates()[1] + generator.texts().length;
    },
  },
];

/** How many blocks can still be allocated before the memory grows. */
function roomIn({ runtime, size }) {
  const before = size();
  let blocks = -1;
  for (; size() === before; blocks++) assert.notEqual(runtime.Classifier.create(block), null);
  return blocks;
}

for (const { kind, file, calls, call } of works) {
  const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, '../golden', file)));
  for (const backend of backends.filter(isSupported)) {
    test(`${kind}, ${backend}: ${calls.toLocaleString('en')} calls of mixed lengths allocate nothing`, async () => {
      const twin = await instantiate(backend);
      call(loadInto(twin, kind, bytes), 0);
      const room = roomIn(twin);
      assert(room > 0);

      const full = await instantiate(backend);
      const model = loadInto(full, kind, bytes);
      call(model, 0); // the first call
      const before = full.size();
      for (let i = 0; i < room; i++) full.runtime.Classifier.create(block);
      assert.equal(full.size(), before, 'the blocks that fit were counted in a twin');
      for (let i = 0; i < calls; i++) call(model, i);
      assert.equal(full.size(), before);
      for (let i = 0; i < 3; i++) full.runtime.Classifier.create(block);
      assert(full.size() > before, 'the heap was full, so that a leak would have shown');
    });
  }
}
