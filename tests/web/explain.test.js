import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { backends, isSupported, loadClassifier } from 'byteflow';
import { bits, explainedLines, goldenModels, loadOnEveryBackend, smallModelUrl } from './models.js';

const classifiers = await loadOnEveryBackend();
const [classifier] = classifiers;

for (const [name, file] of goldenModels) {
  for (const backend of backends) {
    test(`${name}, ${backend}: the reference's explanations, bit by bit`, { skip: isSupported(backend) ? false : 'this engine cannot load it' }, async () => {
      const bytes = new Uint8Array(readFileSync(file));
      const loaded = await loadClassifier(bytes, { backend }).catch((error) => {
        if (backend !== 'relaxed' || error.code !== 'unsupported') throw error;
        return loadClassifier(bytes);
      });
      let compared = 0;
      for (const { bytes, label, rest, words } of explainedLines(name)) {
        const text = bytes.toString('utf8');
        if (!Buffer.from(text, 'utf8').equals(bytes)) continue; // a string cannot hold it
        const explanation = await loaded.explain(text, { label: loaded.labels[label] });
        // Back to bytes by another way than the one that made the offsets.
        const byte = (unit) => Buffer.byteLength(text.slice(0, unit), 'utf8');
        const found = explanation.spans.map(({ start, end, weight }) => `${byte(start)}:${byte(end)}:${bits([weight])}`);
        assert.equal(found.join(',') || '-', words, text);
        assert.equal(bits([explanation.rest]), rest, text);
        assert.equal(explanation.probability, (await loaded.score(text)).labels[loaded.labels[label]]);
        compared++;
      }
      assert(compared > 40);
      loaded.dispose();
    });
  }
}

for (const [text, words] of Object.entries({
  '': [],
  ' \n\u3000': [],
  'have a nice day': ['have', 'a', 'nice', 'day'],
  ' so, what?! ': ['so,', 'what?!'],
  'a 😀 b': ['a', '😀', 'b'],
  '👩‍👩‍👧‍👦 x': ['👩‍👩‍👧‍👦', 'x'],
  'e\u0301te\u0301 fini': ['e\u0301te\u0301', 'fini'],
  'x\ud83dx \udc00 end\ud800': ['x\ud83dx', '\udc00', 'end\ud800'],
  '\ude00\ud83d 😀': ['\ude00\ud83d', '😀'],
  '你好 world、𠀀。': ['你', '好', 'world', '、', '𠀀', '。'],
  'no\u00a0break': ['no', 'break'],
  'nul\0 \ufeffmark': ['nul\0', '\ufeffmark'],
})) {
  test(`spans of ${JSON.stringify(text)}`, async () => {
    const explanation = await classifier.explain(text);
    assert.deepEqual(explanation.spans.map((span) => span.text), words);
    for (const { start, end, text: word } of explanation.spans) assert.equal(text.slice(start, end), word);
    for (const other of classifiers) assert.deepEqual(await other.explain(text), explanation);
  });
}

test('the weights and the rest add up to the logit', async () => {
  for (const text of ['', ' ', 'have a nice day', '😀'.repeat(300), '你好 '.repeat(50), 'word '.repeat(500)]) {
    const logits = await classifier.logits(text);
    for (const [i, label] of classifier.labels.entries()) {
      const { spans, rest } = await classifier.explain(text, { label });
      const sum = spans.reduce((sum, { weight }) => sum + weight, rest);
      assert(Math.abs(sum - logits[i]) < 0.01, `${sum} and ${logits[i]}`); // the pooled mean has 7 bits more than a code
    }
  }
});

test('bytes and truncated are those of the score', async () => {
  for (const text of ['', 'have a nice day', 'x\ud83dx', 'é'.repeat(65), 'é'.repeat(66), '😀'.repeat(300)]) {
    const { bytes, truncated } = await classifier.score(text);
    for (const other of classifiers) {
      const explanation = await other.explain(text);
      assert.deepEqual([explanation.bytes, explanation.truncated], [bytes, truncated]);
    }
  }
});

test('a lone surrogate is explained as U+FFFD', async () => {
  const weights = async (text) => (await classifier.explain(text)).spans.map(({ start, end, weight }) => [start, end, weight]);
  assert.deepEqual(await weights('x\ud83dx so'), await weights('x\ufffdx so'));
});

test('of a long text the words that were read, and no half of a character', async () => {
  const start = 'ab '.repeat(42); // 126 of 130 bytes
  const { spans } = await classifier.explain(`${start}a 😀 and more`);
  assert.equal(spans.length, 43);
  assert.deepEqual(spans.at(-1), { ...spans.at(-1), start: 126, end: 127, text: 'a' });
  assert.deepEqual(await classifier.explain(`${start}a 😀 and more`), { ...(await classifier.explain(`${start}a `)), bytes: 141, truncated: true });
  const [cut] = (await classifier.explain('a'.repeat(1_000))).spans;
  assert.deepEqual([cut.start, cut.end, cut.text.length], [0, 130, 130]);
});

test('the default is the first label; one that is not there is an error', async () => {
  const [first, second] = classifier.labels;
  assert.equal((await classifier.explain('a text')).label, first);
  assert.deepEqual(await classifier.explain('a text', {}), await classifier.explain('a text', { label: first }));
  assert.equal((await classifier.explain('a text', { label: second })).probability, (await classifier.score('a text')).labels[second]);
  for (const label of ['no such label', 0, null]) await assert.rejects(classifier.explain('a text', { label }), { code: 'invalid-argument', message: /^label must be one of x, y, .*, not / });
});

test('what is no text, a late call and an abort are errors', async () => {
  for (const value of [undefined, null, 7, ['a text']]) await assert.rejects(classifier.explain(value), { code: 'invalid-argument', message: /^the text must be a string/ });
  const reason = new Error('enough');
  await assert.rejects(classifier.explain('a text', { signal: AbortSignal.abort(reason) }), reason);
  const late = await loadClassifier(smallModelUrl);
  late.dispose();
  await assert.rejects(late.explain('a text'), { code: 'disposed' });
});

test('explaining leaves scores as they were, and scoring leaves explanations', async () => {
  const score = await classifier.score('a text');
  const explanation = await classifier.explain('another text');
  assert.deepEqual(await classifier.score('a text'), score);
  assert.deepEqual(await classifier.explain('another text'), explanation);
});

test('thresholds are the file\'s; one half in a file without', async () => {
  assert.deepEqual(Object.keys(classifier.thresholds), [...classifier.labels]);
  assert.deepEqual([classifier.thresholds.x, classifier.thresholds.t], [0.25, 0.75]);
  const without = await loadClassifier(new URL('tiny.byteflow', smallModelUrl));
  assert.deepEqual(without.thresholds, { one: 0.5, two: 0.5 });
});
