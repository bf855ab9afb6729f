// Measures of `byteflow eval`. They are not part of the API, so they are taken from the source.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'rolldown';

const { output } = await build({ input: join(import.meta.dirname, '../../web/src/cli/pair-measures.ts'), write: false, logLevel: 'silent' });
const { Bleu, Chrf, Ranks } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);

// tests/training/test_pair_measures.py reads the same file: both languages agree on it.
const cases = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/pair-measures.json'), 'utf8'));
const near = (actual, expected) => assert(Math.abs(actual - expected) < 1e-9, `${actual}, not ${expected}`);

function measure(Measure, rows) {
  const measured = new Measure();
  for (const [text, references] of rows) measured.add(text, references);
  return measured;
}

for (const { what, rows, bleu, chrf } of cases.texts) {
  test(`BLEU and chrF: ${what}`, () => {
    near(measure(Bleu, rows).score, bleu);
    near(measure(Chrf, rows).score, chrf);
  });
}

for (const { what, rows, rank1, rank4 } of cases.ranks) {
  test(`ranks: ${what}`, () => {
    const ranks = measure(Ranks, rows);
    near(ranks.rank1, rank1);
    near(ranks.rank4, rank4);
  });
}
