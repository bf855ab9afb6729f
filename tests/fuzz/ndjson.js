// ndjson.js [--seconds N] [--seed N] [FILE...]: the command line's reader of lines and rows against a plain one, on bytes that mutate, cut into chunks
// at random. It runs the files of its regressions first; an input that fails is written beside them, and ends the run with exit code 1.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { build } from 'rolldown';
import { randomFrom } from '../hostile/random.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '5' }, seed: { type: 'string', default: String(Date.now() % 2 ** 31) } },
});
const regressions = join(import.meta.dirname, 'regressions/ndjson');

const folder = join(import.meta.dirname, '../../web/src/cli');
const entry = ['lines', 'rows', 'failure'].map((name) => `export * from ${JSON.stringify(join(folder, `${name}.ts`))};`).join('');
const source = { name: 'source', resolveId: (id) => (id === 'entry' ? id : undefined), load: (id) => (id === 'entry' ? entry : undefined) };
const { output } = await build({ input: 'entry', plugins: [source], write: false, external: /^node:/, logLevel: 'silent' });
const { Failure, isBlank, parseRow, splitLines, unpacked } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);

const seeds = [
  '',
  '\n\n',
  '{"text": "plain"}\n{"text": "two\\nlines", "split": "test", "labels": {"a": 0.5, "b": null}}\r\n',
  '{"text": "\u2028 \ud83d\ude00 \\ud83d \\u0000", "labels": {"__proto__": 1, "constructor": 0}}',
  `${'['.repeat(5_000)}\n{"text": ${'['.repeat(5_000)}`,
  '{"text": 7}\n{"labels": []}\nnull\n"text"\n{"text": "a", "labels": {"x": 1e999}}\n',
  '\ufeff{"text": "a mark"}\n',
].map((text) => Buffer.from(text));
const words = ['\n', '\r\n', '\r', '{"text": "', '"}', '\\u', '\\ud800', 'null', '1e309', '{', '[', ',', '\xff', '\xe2\x80', '\xf0\x9f', '\0', '"labels": {"x": 2}', '\ufeff'].map((word) => Buffer.from(word, 'latin1'));

function mutate(input, random) {
  let bytes = Buffer.from(input);
  for (let changes = 1 + random(8); changes > 0; changes--) {
    const at = random(bytes.length + 1);
    const end = Math.min(bytes.length, at + random(20));
    const replacement = [Buffer.of(random(256)), words[random(words.length)], bytes.subarray(random(bytes.length + 1)), Buffer.alloc(0)][random(4)];
    bytes = Buffer.concat([bytes.subarray(0, at), replacement.subarray(0, 4_096), bytes.subarray(random(2) ? at : end)]);
  }
  return bytes.subarray(0, 1 << 16);
}

function* chunksOf(bytes, random) {
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random(random(2) ? 4 : 500);
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** What a stream's lines should be. */
function plainLines(bytes) {
  const lines = new TextDecoder().decode(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  // A line that ends with the input has no line end of its own, and so no carriage return that belongs to one.
  return lines.map((line, i) => (line.endsWith('\r') && (i < lines.length - 1 || bytes.at(-1) === 10) ? line.slice(0, -1) : line));
}

async function linesOf(stream) {
  const lines = [];
  for await (const together of splitLines(stream, 'input')) lines.push(...together);
  return lines;
}

/** Throws unless the reader does as it says. */
async function check(bytes, random) {
  const lines = await linesOf(Readable.from(chunksOf(bytes, random)));
  const expected = plainLines(bytes);
  if (JSON.stringify(lines) !== JSON.stringify(expected)) throw new Error(`lines ${JSON.stringify(lines).slice(0, 300)}, not ${JSON.stringify(expected).slice(0, 300)}`);
  for (const [i, text] of lines.entries()) {
    const line = { text, file: 'input', number: i + 1 };
    if (isBlank(line)) continue;
    try {
      const row = parseRow(line);
      if (typeof row.text !== 'string' || !(row.labels instanceof Map)) throw new Error(`no row: ${JSON.stringify(row)}`);
      for (const [label, value] of row.labels) if (typeof label !== 'string' || !(value >= 0 && value <= 1)) throw new Error(`label ${label} is ${value}`);
    } catch (error) {
      if (!(error instanceof Failure) || !error.message.startsWith(`input:${i + 1}: `)) throw error;
    }
  }
  await checkPacked(bytes, random);
}

/** A packed file that is damaged gives its lines or a failure, and nothing else. */
async function checkPacked(bytes, random) {
  const packed = gzipSync(bytes);
  if (random(2)) packed[random(packed.length)] ^= 1 << random(8);
  const given = random(4) ? packed : packed.subarray(0, random(packed.length));
  let whole;
  try {
    whole = gunzipSync(given);
  } catch {
    whole = undefined;
  }
  try {
    const lines = await linesOf(unpacked(Readable.from(chunksOf(given, random))));
    if (whole === undefined || JSON.stringify(lines) !== JSON.stringify(plainLines(whole))) throw new Error(`a damaged file was read: ${given.toString('hex').slice(0, 200)}`);
  } catch (error) {
    if (!(error instanceof Failure) || whole !== undefined) throw error;
  }
}

async function run(bytes, seed) {
  try {
    await check(bytes, randomFrom(seed));
  } catch (error) {
    mkdirSync(regressions, { recursive: true });
    const file = join(regressions, `seed-${seed}`);
    writeFileSync(file, bytes);
    console.error(`${error.stack}\nThe input is ${file}.`);
    process.exit(1);
  }
}

const kept = positionals.length > 0 || !existsSync(regressions) ? positionals : readdirSync(regressions, { withFileTypes: true }).filter((file) => file.isFile() && file.name.startsWith('seed-')).map(({ name }) => join(regressions, name));
for (const file of kept) await run(readFileSync(file), Number(/\d+$/.exec(file)?.[0] ?? 0));

const corpus = [...seeds];
const end = performance.now() + (positionals.length > 0 ? 0 : 1_000 * Number(options.seconds));
let runs = kept.length;
for (let seed = Number(options.seed); performance.now() < end; seed++, runs++) {
  const random = randomFrom(seed);
  const bytes = mutate(corpus[random(corpus.length)], random);
  await run(bytes, seed);
  if (random(10) === 0) corpus[seeds.length + random(200)] = bytes;
  for (let i = 0; i < corpus.length; i++) corpus[i] ??= seeds[i % seeds.length];
}
console.log(`Done ${runs} runs`);
