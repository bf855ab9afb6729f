import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rankingMetrics } from 'byteflow';

const T = true;
const F = false;

const cases = [
  // [what, scores, positive, AUC, AP]; the values by hand
  ['perfect', [0.9, 0.8, 0.2, 0.1], [T, T, F, F], 1, 1],
  ['upside down', [0.1, 0.2, 0.8, 0.9], [T, T, F, F], 0, 1 / 3 / 2 + 2 / 4 / 2],
  ['one pair of four wrong', [0.1, 0.4, 0.35, 0.8], [F, F, T, T], 3 / 4, (1 / 1 + 2 / 3) / 2],
  ['all tied', [0.5, 0.5, 0.5, 0.5], [T, F, F, F], 1 / 2, 1 / 4],
  ['a tie across the classes', [0.9, 0.5, 0.5, 0.1], [T, T, F, F], (1 + 1 + 1 / 2 + 1) / 4, (1 / 1 + 2 / 3) / 2],
  ['only positives', [0.3, 0.4], [T, T], null, 1],
  ['only negatives', [0.3, 0.4], [F, F], null, null],
  ['no rows', [], [], null, null],
];

for (const [what, scores, positive, auc, ap] of cases) {
  test(`${what}: AUC ${auc}, AP ${ap}`, () => {
    const metrics = rankingMetrics(scores, positive);
    assert.equal(metrics.positives, positive.filter(Boolean).length);
    for (const [actual, expected] of [[metrics.auc, auc], [metrics.ap, ap]]) {
      if (expected === null) assert.equal(actual, null);
      else assert(Math.abs(actual - expected) < 1e-12, `${actual}, not ${expected}`);
    }
  });
}

test('the order of the rows does not matter', () => {
  const scores = Array.from({ length: 50 }, (_, i) => ((i * 7) % 13) / 13);
  const positive = scores.map((_, i) => i % 3 === 0);
  assert.deepEqual(rankingMetrics(scores.toReversed(), positive.toReversed()), rankingMetrics(scores, positive));
});

test('scores without a rank, and arrays of different lengths, are errors', () => {
  for (const value of [NaN, undefined, '0.5']) assert.throws(() => rankingMetrics([0.5, value], [T, F]), { code: 'invalid-argument', message: /^scores\[1\] must be a number, not / });
  assert.throws(() => rankingMetrics([0.5], [T, F]), { code: 'invalid-argument', message: /not 1 and 2$/ });
  assert.deepEqual(rankingMetrics([Infinity, -Infinity], [T, F]), { auc: 1, ap: 1, positives: 1 });
});
