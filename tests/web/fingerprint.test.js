import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { backends, isSupported, loadClassifier, loadGenerator } from 'byteflow';
import { byteflow } from './command-line.js';

const golden = new URL('../golden/', import.meta.url);
const lines = readFileSync(new URL('fingerprints', golden), 'utf8').trimEnd().split('\n').map((line) => line.split(' '));

for (const [name, expected] of lines) {
  test(`${name}: the fingerprint that the native core has, on every backend`, async () => {
    const load = name.includes('/') ? loadGenerator : loadClassifier;
    let asked = 0;
    for (const backend of backends.filter(isSupported)) {
      const model = await load(new URL(`${name}.byteflow`, golden), { backend }).catch((error) => {
        if (error.code !== 'unsupported') throw error;
      });
      if (model === undefined) continue;
      assert.equal(await model.fingerprint(), expected, backend);
      model.dispose();
      await assert.rejects(model.fingerprint(), { code: 'disposed' });
      asked++;
    }
    assert(asked >= 2);
  });
}

test('a fingerprint waits for a text under way, and changes nothing of it', async () => {
  const [, expected] = lines.find(([name]) => name === 'generators/small');
  const generator = await loadGenerator(new URL('generators/small.byteflow', golden));
  const alone = await generator.generate('some text', { maxBytes: 20 });
  const [written, found, again] = await Promise.all([generator.generate('some text', { maxBytes: 20 }), generator.fingerprint(), generator.generate('some text', { maxBytes: 20 })]);
  assert.equal(found, expected);
  assert.deepEqual([written, again], [alone, alone]);
});

test('a fingerprint that is aborted rejects at once, and the calls behind it still wait for the text under way', async () => {
  const reason = new Error('enough');
  for (const [name, load] of [['wide', loadClassifier], ['generators/small', loadGenerator]]) {
    const model = await load(new URL(`${name}.byteflow`, golden));
    await assert.rejects(model.fingerprint({ signal: AbortSignal.abort(reason) }), reason);
  }
  const generator = await loadGenerator(new URL('generators/small.byteflow', golden));
  const alone = await generator.generate('some text', { maxBytes: 20 });
  const controller = new AbortController();
  const order = [];
  const note = (name) => (value) => (order.push(name), value);
  const calls = [
    generator.generate('some text', { maxBytes: 20 }).then(note('written')),
    generator.fingerprint({ signal: controller.signal }).catch(note('aborted')),
    generator.generate('some text', { maxBytes: 20 }).then(note('again')),
  ];
  controller.abort(reason);
  assert.deepEqual(await Promise.all(calls), [alone, reason, alone]);
  assert.deepEqual(order, ['aborted', 'written', 'again']);
});

test('byteflow inspect prints the fingerprint, of the backend asked for', async () => {
  for (const [name, expected] of lines.filter(([name]) => /^(tiny|generators\/small)$/.test(name))) {
    for (const backend of ['scalar', 'simd128']) {
      const { json, code } = await byteflow(['inspect', new URL(`${name}.byteflow`, golden).pathname, '--json', '--backend', backend]);
      assert.equal(code, 0);
      assert.equal(json()[0].fingerprint, expected);
    }
  }
});
