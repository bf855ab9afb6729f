// spelling.js FILE...: how often a speller's first and one of its first four suggestions is right, on the first 600 single words of each file's test split.
// FILE is NDJSON of {"split", "source", "targets"}, by default shared/data/pairs/misspellings_*.jsonl.xz. The peers are aspell and hunspell (Debian: aspell-en,
// hunspell-en-us) and nspell with dictionary-en. A word that a speller takes for right is its own first suggestion, as it is for a writer.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadGenerator } from '../../web/dist/index.js';
import { inRoot } from '../../tools/paths.js';

const rowsOfFile = 600;
const data = process.env.BYTEFLOW_DATA ?? inRoot('../shared/data');
const defaults = ['norvig_test', 'cspell', 'codespell'].map((name) => join(data, `pairs/misspellings_${name}.jsonl.xz`));

function rowsOf(file) {
  const text = file.endsWith('.xz') ? execFileSync('xzcat', [file], { encoding: 'utf8', maxBuffer: 2 ** 28 }) : readFileSync(file, 'utf8');
  const rows = text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return rows.filter(({ split, source }) => split === 'test' && /^\S+$/.test(source)).slice(0, rowsOfFile);
}

/** Suggestions of a program that speaks ispell's pipe: one answer a word, ended by an empty line. */
function ispell(program, args, words) {
  const answers = execFileSync(program, ['-a', ...args], { input: words.map((word) => `^${word}\n`).join(''), encoding: 'utf8', maxBuffer: 2 ** 28 });
  const blocks = answers.split('\n').slice(1).join('\n').split('\n\n');
  return words.map((word, i) => {
    // A word with a hyphen or an apostrophe may be checked in parts; the first part that is wrong speaks for it.
    const fault = blocks[i].split('\n').find((line) => /^[&#?]/.test(line));
    if (fault === undefined) return [word];
    return fault.includes(': ') ? fault.slice(fault.indexOf(': ') + 2).split(', ') : [];
  });
}

async function nspell(words) {
  const [{ default: create }, { default: dictionary }] = await Promise.all([import('nspell'), import('dictionary-en')]);
  const speller = create(dictionary);
  return words.map((word) => (speller.correct(word) ? [word] : speller.suggest(word)));
}

async function byteflow(words) {
  const generator = await loadGenerator(new Uint8Array(readFileSync(inRoot('models/autocorrect.byteflow'))));
  const generations = await generator.generate(words, { beams: 12, candidates: 4 });
  generator.dispose();
  return generations.map(({ candidates }) => candidates.map(({ text }) => text));
}

const spellers = {
  byteflow,
  aspell: (words) => ispell('aspell', ['--lang=en_US', '--encoding=utf-8'], words),
  hunspell: (words) => ispell('hunspell', ['-d', 'en_US', '-i', 'utf-8'], words),
  nspell,
};

const results = [];
for (const file of process.argv.length > 2 ? process.argv.slice(2) : defaults) {
  const rows = rowsOf(file);
  for (const [speller, suggest] of Object.entries(spellers)) {
    const found = await suggest(rows.map(({ source }) => source));
    const within = (count) => rows.filter(({ targets }, i) => found[i].slice(0, count).some((text) => targets.includes(text))).length / rows.length;
    results.push({ file: file.split('/').at(-1), rows: rows.length, speller, rank1: +within(1).toFixed(3), rank4: +within(4).toFixed(3) });
  }
}
console.table(results);
