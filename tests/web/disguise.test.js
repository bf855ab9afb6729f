// The table of disguises in docs/reliability.md: what the core undoes has the score of the plain text, to the bit.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadClassifier } from 'byteflow';

const plain = 'you are stupid';
const pulledApart = 'y o u  a r e  s.t.u.p.i.d';
const undone = {
  'full-width letters': 'ｙｏｕ ａｒｅ ｓｔｕｐｉｄ',
  'letters of Fraktur': '𝔶𝔬𝔲 𝔞𝔯𝔢 𝔰𝔱𝔲𝔭𝔦𝔡',
  accents: 'yöü àrè stûpïd',
  'Cyrillic letters': 'уоu аrе stuріd',
  'characters that are not seen': 's\u200btu\u00adpid'.replace('s', 'you are s'),
  zalgo: [...plain].map((letter) => (letter === ' ' ? letter : `${letter}\u0335\u0489\u0321\u034c`)).join(''),
};

let toxicity;
before(async () => (toxicity = await loadClassifier('toxicity')));
after(() => toxicity.dispose());

const labelsOf = async (text) => (await toxicity.score([text]))[0].labels;

for (const [name, text] of Object.entries(undone)) {
  test(`${name} change no score`, async () => assert.deepEqual(await labelsOf(text), await labelsOf(plain)));
}

test('letters pulled apart are joined', async () => {
  assert.deepEqual(await labelsOf(pulledApart), await labelsOf('you  are  stupid'));
});

test('what fills the part that is read is not undone, and said', async () => {
  const [padded] = await toxicity.score(['\u200b'.repeat(1 + toxicity.maxBytes / 3) + plain]);
  assert.ok(padded.truncated);
});
