import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bits, loadOnEveryBackend } from './models.js';

const texts = {
  nothing: '',
  'one byte': 'a',
  NUL: '\0',
  'NUL inside': 'before\0after',
  'a 4-byte character': '😀',
  'many of them': '😀'.repeat(300),
  'a lone high surrogate': 'x\ud83dx',
  'a lone low surrogate': '\udc00',
  'surrogates the wrong way round': '\ude00\ud83d',
  'a high surrogate at the end': 'end\ud800',
  'a megabyte of one letter': 'a'.repeat(2 ** 20),
  'right to left': 'שלום עולם مرحبا بالعالم',
  'mixed scripts': 'Ünïcödé кириллица 漢字 ひらがな देवनागरी 👩‍👩‍👧‍👦',
  'a byte order mark': '\ufeffmark',
  'control characters': Array.from({ length: 160 }, (_, code) => String.fromCharCode(code)).join(''),
  'combining marks': 'e\u0301'.repeat(100),
};

const classifiers = await loadOnEveryBackend();

for (const [name, text] of Object.entries(texts)) {
  test(`${name}: counted, scored, and equal on every backend`, async () => {
    const [first, ...others] = classifiers;
    const score = await first.score(text);
    const encoded = new TextEncoder().encode(text);
    assert.equal(score.bytes, encoded.length);
    assert.equal(score.truncated, encoded.length > first.maxBytes);
    for (const probability of Object.values(score.labels)) assert(probability >= 0 && probability <= 1);
    for (const other of others) {
      assert.deepEqual(await other.score(text), score);
      assert.equal(bits(await other.logits(text)), bits(await first.logits(text)));
    }
  });
}

test('a lone surrogate is read as U+FFFD', async () => {
  const [{ labels: lone }, { labels: replaced }] = await classifiers[0].score(['x\ud83dx', 'x\ufffdx']);
  assert.deepEqual(lone, replaced);
});

test('only the first maxBytes bytes count, cut before a character that does not fit', async () => {
  const [classifier] = classifiers;
  const full = 'a'.repeat(classifier.maxBytes);
  const { labels } = await classifier.score(full);
  assert.deepEqual((await classifier.score(`${full}bcd`)).labels, labels);
  assert.equal((await classifier.score(full)).truncated, false);
  assert.equal((await classifier.score(`${full}b`)).truncated, true);

  for (let missing = 1; missing <= 3; missing++) {
    const start = 'a'.repeat(classifier.maxBytes - missing);
    const cut = await classifier.score(`${start}😀`);
    assert.deepEqual(cut, { labels: (await classifier.score(start)).labels, bytes: start.length + 4, truncated: true });
  }
});
