import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { loadClassifier } from 'byteflow';
import { smallModelBytes, smallModelUrl } from './models.js';

const digest = (algorithm, bytes = smallModelBytes()) => `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`;
const other = (algorithm) => digest(algorithm, 'another file');
const model = async (integrity, source = smallModelUrl) => (await loadClassifier(source, { integrity })).model;

test('a model with one of the digests loads, from an address and from bytes', async () => {
  for (const source of [smallModelUrl, smallModelBytes()]) {
    for (const algorithm of ['sha256', 'sha384', 'sha512']) assert.equal(await model(digest(algorithm), source), 'wide');
    assert.equal(await model(`  ${other('sha256')} ${digest('sha256')}\n`, source), 'wide');
  }
});

test('any other model is refused, and the error has both digests', async () => {
  for (const source of [smallModelUrl, smallModelBytes()]) {
    await assert.rejects(model(other('sha256'), source), (error) => {
      assert.equal(error.code, 'integrity');
      return error.message.includes(digest('sha256')) && error.message.includes(other('sha256'));
    });
  }
});

test('only the strongest algorithm counts', async () => {
  await assert.rejects(model(`${digest('sha256')} ${other('sha512')}`), { code: 'integrity' });
  assert.equal(await model(`${other('sha256')} ${digest('sha384')}`), 'wide');
});

test('a digest that is none is an error before anything is read: it must not pass for no digest', async () => {
  for (const integrity of ['', 'sha256', 'sha256-', 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=', digest('sha256').replace('-', '_'), `${digest('sha256')} md5-x`, null, 7]) {
    await assert.rejects(model(integrity, 'http://127.0.0.1:9/model'), { code: 'invalid-argument', message: /integrity must look like "sha256-"/ });
  }
});

test('a cache needs a digest, and its absence is no failure', async () => {
  await assert.rejects(loadClassifier(smallModelUrl, { cache: true }), { code: 'invalid-argument', message: /cache needs `integrity`/ });
  assert.equal((await loadClassifier(smallModelUrl, { cache: true, integrity: digest('sha256') })).model, 'wide');
});
