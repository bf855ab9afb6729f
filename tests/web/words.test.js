import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withCapitalOf, wordsIn } from 'byteflow';

const found = (...args) => wordsIn(...args).map(({ text }) => text);

test('words are runs of letters, with the apostrophes inside', () => {
  assert.deepEqual(found("(Don't) stop, it’s  naïve — 'quoted'\nwell-known e\u0301te\u0301 слово"), ["Don't", 'stop', 'it’s', 'naïve', 'quoted', 'well', 'known', 'e\u0301te\u0301', 'слово']);
  assert.deepEqual(found(' … 🙂 '), []);
});

test('what is no prose is left out as a whole', () => {
  assert.deepEqual(found('see example.com/teh, me@teh.org /teh/file C:\\teh snake_teh b2b teh4 teh.'), ['see', 'teh']);
});

test('a word stands where it says', () => {
  const text = '😀 teh cat\'s  "hat"';
  for (const { start, end, text: word } of wordsIn(text)) assert.equal(text.slice(start, end), word);
});

test('between two places: those that reach in, whole, and no others', () => {
  const text = 'one two three four';
  assert.deepEqual(found(text, 5, 9), ['two', 'three']);
  assert.deepEqual(found(text, 7, 7), ['two'], 'one that ends there');
  assert.deepEqual(found(text, 4), ['two', 'three', 'four']);
  assert.deepEqual(found('path/one two', 6, 7), [], 'a place inside of a path');
});

test('a place beside a long run without spaces costs no more than the run is long', () => {
  const run = '漢'.repeat(1 << 16); // long enough that what grows with its square takes seconds, of which none are wanted
  const { user: before } = process.cpuUsage();
  for (const [from, words] of [[run.length, [run]], [run.length + 1, ['end']], [run.length + 3, ['end']]]) assert.deepEqual(found(`${run} end`, from, from), words);
  const time = (process.cpuUsage().user - before) / 1_000;
  assert(time < 1_000, `${time} ms`);
});

test('a capital is kept, capitals are not made', () => {
  assert.equal(withCapitalOf('Teh', 'the'), 'The');
  assert.equal(withCapitalOf('Élève', 'élève'), 'Élève');
  assert.equal(withCapitalOf('teh', 'the'), 'the');
  assert.equal(withCapitalOf('TEH', 'the'), 'THE');
  assert.equal(withCapitalOf('TeH', 'the'), 'the');
  assert.equal(withCapitalOf('T', 'the'), 'The');
});
