// searches.js [--model FILE] [--file FILE] [--split NAME] [--rows N] [--beams N] [--backend NAME] [--repetitions N]: beam search in the core's integers beside
// beam search in floats over the same network, natively: how often the best text is the same, and how long each takes. FILE is NDJSON of
// {"split", "source"}, by default shared/data/pairs/civil_rewrite.jsonl.xz. Exits with 1 where the integers agree with either for less than 97% of the texts.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toFrames } from '../identity/frames.js';
import { buildNativeSearches } from '../../tools/cmake-builds.js';
import { inRoot } from '../../tools/paths.js';

const enough = 0.97;
const data = process.env.BYTEFLOW_DATA ?? inRoot('../shared/data');
const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: inRoot('models/civil-rewrite.byteflow') },
    file: { type: 'string', default: join(data, 'pairs/civil_rewrite.jsonl.xz') },
    split: { type: 'string', default: 'test' },
    rows: { type: 'string', default: '300' },
    beams: { type: 'string', default: '4' },
    backend: { type: 'string', default: 'simd128' },
    repetitions: { type: 'string', default: '5' },
  },
});

function sourcesOf(file) {
  const text = file.endsWith('.xz') ? execFileSync('xzcat', [file], { encoding: 'utf8', maxBuffer: 2 ** 28 }) : readFileSync(file, 'utf8');
  const rows = text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return rows.filter(({ split }) => split === options.split).slice(0, Number(options.rows)).map(({ source }) => source);
}

const input = toFrames(sourcesOf(options.file));
await buildNativeSearches();
const program = inRoot('build/release/tests/bench/byteflow_searches');
const { texts, seconds, ...differing } = JSON.parse(execFileSync(program, [options.model, options.backend, options.beams, options.repetitions], { input }));

const numbers = [
  { logits: 'of 8 bits, as the integers have', found: differing.differ },
  { logits: 'never rounded to 8 bits', found: differing.differ_unrounded },
];
const agreements = numbers.map(({ logits, found }) => ({ 'logits of the floats': logits, texts, same: texts - found.length, share: +(1 - found.length / texts).toFixed(4), 'different texts': found.join(' ') }));
const milliseconds = (time) => +((time / texts) * 1e3).toFixed(3);
const times = Object.entries(seconds).map(([search, { alone, with_network: whole }]) => ({ search, 'ms a text': milliseconds(alone), 'with the network': milliseconds(whole) }));
console.table(agreements);
console.table(times);
if (!agreements.every(({ share }) => share >= enough)) process.exitCode = 1;
