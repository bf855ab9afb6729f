import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { backends, ByteflowError, isSupported, loadClassifier } from 'byteflow';
import { smallModelBytes, smallModelUrl } from './models.js';

const load = (options) => loadClassifier(smallModelUrl, options);

test('a model loads from a URL, an address, bytes and a buffer alike', async () => {
  const expected = (await (await load()).score('same')).labels;
  for (const source of [smallModelUrl.href, smallModelBytes(), smallModelBytes().buffer]) {
    assert.deepEqual((await (await loadClassifier(source)).score('same')).labels, expected);
  }
});

test('a classifier says what it is', async () => {
  const classifier = await load({ backend: 'scalar' });
  assert.equal(classifier.model, 'wide');
  assert.equal(classifier.backend, 'scalar');
  assert.equal(classifier.labels.length, 7);
  assert.equal(classifier.maxBytes, 130);
});

test('the default backend is the best that is supported', async () => {
  const { backend } = await load();
  const best = backends.find(isSupported);
  assert(backend === best || (best === 'relaxed' && backend === 'simd128'), backend); // relaxed SIMD may load and not be exact
});

test('what is no backend is not supported', () => {
  assert.equal(isSupported('scalar'), true);
  for (const value of ['zz', 'toString', undefined, null, 0]) assert.equal(isSupported(value), false);
});

test('one text gives one score, several give several in order', async () => {
  const classifier = await load();
  const one = await classifier.score('one');
  assert.deepEqual(await classifier.score(['one', 'two', 'one']), [one, await classifier.score('two'), one]);
  assert.deepEqual(await classifier.score([]), []);
  assert.deepEqual(Object.keys(one), ['labels', 'bytes', 'truncated']);
  assert.deepEqual(Object.keys(one.labels), [...classifier.labels]);
});

test('classifiers do not disturb each other', async () => {
  const [first, second] = [await load(), await load({ backend: 'scalar' })];
  const before = await first.score('a text');
  await second.score('another');
  second.dispose();
  assert.deepEqual(await first.score('a text'), before);
});

for (const value of [undefined, null, 7, {}, Buffer.from('bytes')]) {
  test(`${Object.prototype.toString.call(value)} is not a text`, async () => {
    const classifier = await load();
    await assert.rejects(classifier.score(value), { name: 'ByteflowError', code: 'invalid-argument', message: /^the text must be a string/ });
    await assert.rejects(classifier.score(['a text', value]), { code: 'invalid-argument', message: /^texts\[1\] must be a string/ });
  });
}

test('after dispose every use is an error, a second dispose is none', async () => {
  const classifier = await load();
  classifier.dispose();
  classifier[Symbol.dispose]();
  await classifier[Symbol.asyncDispose]();
  await assert.rejects(classifier.score('late'), { code: 'disposed', message: /"wide"/ });
  await assert.rejects(classifier.score([]), { code: 'disposed' });
  await assert.rejects(classifier.logits('late'), { code: 'disposed' });
});

test('an abort rejects with the reason of the signal', async () => {
  const reason = new Error('enough');
  await assert.rejects(load({ signal: AbortSignal.abort(reason) }), reason);
  const classifier = await load();
  await assert.rejects(classifier.score('a text', { signal: AbortSignal.abort(reason) }), reason);
  await assert.rejects(classifier.logits('a text', { signal: AbortSignal.abort(reason) }), reason);

  const controller = new AbortController();
  const long = classifier.score(Array(1_000_000).fill('over and over'), { signal: controller.signal });
  setTimeout(() => controller.abort(reason)); // runs because a batch gives way to other events
  await assert.rejects(long, reason);
});

test('progress is told for each file, and ends at its size', async () => {
  const last = {};
  await load({ onProgress: ({ phase, ...progress }) => (last[phase] = progress) });
  const model = smallModelBytes().length;
  const wasm = statSync(new URL(import.meta.resolve(`byteflow/wasm/byteflow-${backends.find(isSupported)}.wasm`))).size;
  assert.deepEqual(last, { model: { loaded: model, total: model }, wasm: { loaded: wasm, total: wasm } });
});

test('10,000 scores leave the results as they were', async () => {
  const classifier = await load();
  const before = await classifier.logits('a text');
  for (let i = 0; i < 10_000; i++) await classifier.score('x'.repeat(i % 200));
  assert.deepEqual(await classifier.logits('a text'), before);
});

test('errors are ByteflowErrors', async () => {
  await assert.rejects(loadClassifier('no-such-model'), (error) => error instanceof ByteflowError && error instanceof Error && error.code === 'not-found');
});

test('without a page a model runs on the calling thread; where a worker is asked for in vain, the reason is there', async () => {
  assert.deepEqual([(await load()).inWorker, (await load()).workerFault], [false, undefined]);
  assert.deepEqual([(await load({ worker: false })).inWorker, (await load({ worker: false })).workerFault], [false, undefined]);
  const refuses = () => {
    throw new Error('not today');
  };
  const { inWorker, workerFault } = await load({ worker: refuses });
  assert.equal(inWorker, false);
  assert(workerFault instanceof ByteflowError);
  assert.equal(workerFault.code, 'unsupported');
  assert.match(workerFault.message, /a worker could not be started: not today/);
  await assert.rejects(load({ worker: 'yes' }), { code: 'invalid-argument', message: /worker must be true, false, or a function/ });
});
