// What people send to break it: no crash, no call that takes longer than a second a megabyte, and errors that have a name.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { ByteflowError, loadClassifier, loadGenerator } from 'byteflow';
import { bits } from '../web/models.js';
import { hostileGenerators, hostileModels } from './models.js';
import { hostileTexts } from './texts.js';

const golden = (name) => new URL(`../golden/${name}.byteflow`, import.meta.url);
const program = join(import.meta.dirname, '../../web/bin/byteflow.js');
const texts = hostileTexts();

// Of the processor, not of the clock: others may be at work on this machine. A second a megabyte, and one for what a call takes at all.
async function inTime(what, bytes, call) {
  const before = process.cpuUsage();
  const result = await call();
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  assert(seconds <= 1 + bytes / 1e6, `${what}: ${bytes} bytes took ${seconds} s`);
  return result;
}

assert.equal(texts.length, 1_000);

// What is longer than a text that is read is met by the same code for every model: one is enough.
const isLong = (text) => text.length > 1_000_000;

for (const model of ['toxicity', 'words', 'normalized', 'calibrated', 'original', 'transformer', 'funnel']) {
  test(`${model}: hostile texts are scored and explained, on two backends alike`, async () => {
    const source = model === 'toxicity' ? model : golden(model);
    const [first, other] = await Promise.all(['simd128', 'scalar'].map((backend) => loadClassifier(source, { backend })));
    const encoder = new TextEncoder();
    for (const [i, [name, text]] of texts.entries()) {
      if (isLong(text) && model !== 'toxicity') continue;
      const encoded = encoder.encode(text);
      const score = await inTime(name, encoded.length, () => first.score(text));
      assert.equal(score.bytes, encoded.length, name);
      assert.equal(score.truncated, encoded.length > first.maxBytes, name);
      for (const probability of Object.values(score.labels)) assert(probability >= 0 && probability <= 1, name);
      // The small models are quick, and each is a network of its own.
      if (model !== 'toxicity' || i % 10 === 0) assert.equal(bits(await other.logits(text)), bits(await first.logits(text)), name);
      const { spans, rest, probability } = await inTime(name, encoded.length, () => first.explain(text));
      assert.equal(probability, score.labels[first.labels[0]], name);
      assert(Number.isFinite(rest), name);
      let end = 0;
      for (const span of spans) {
        assert(span.start >= end && span.end > span.start && span.end <= text.length, name);
        assert(Number.isFinite(span.weight) && span.text === text.slice(span.start, span.end), name);
        end = span.end;
      }
    }
  });
}

for (const model of ['small', 'words']) {
  test(`${model}: a generator writes for hostile texts, on two backends alike, and a stream may be left half-way`, async () => {
    const maxBytes = 12;
    const [first, other] = await Promise.all(['simd128', 'scalar'].map((backend) => loadGenerator(golden(`generators/${model}`), { backend })));
    const encoder = new TextEncoder();
    let left = 0;
    for (const [name, text] of texts) {
      if (isLong(text) && model !== 'small') continue;
      const encoded = encoder.encode(text);
      const generation = await inTime(name, encoded.length, () => first.generate(text, { beams: 2, maxBytes }));
      assert.deepEqual([generation.bytes, generation.truncated], [encoded.length, encoded.length > first.maxBytes], name);
      assert(generation.candidates.length >= 1 && generation.candidates.length <= 2, name);
      for (const { text: written, score } of generation.candidates) {
        assert(written.isWellFormed() && Buffer.byteLength(written) <= maxBytes, name);
        assert(Number.isFinite(score) && score <= 0, name);
      }
      const [piece, ended] = await inTime(name, encoded.length, async () => {
        for await (const some of first.stream(text, { maxBytes })) return [some, false];
        return ['', true];
      });
      const [{ text: whole }] = (await other.generate(text, { beams: 1, maxBytes })).candidates;
      assert(ended ? whole === '' : piece !== '' && whole.startsWith(piece), name);
      // Only the first has left streams before: they have left nothing behind.
      assert.deepEqual(generation, await other.generate(text, { beams: 2, maxBytes }), name);
      if (piece.length < whole.length) left++;
    }
    assert(left >= 100, `only ${left} streams were left before their end`);
  });
}

test('a batch of all, and one that is aborted, leave the model as it was', async () => {
  const classifier = await loadClassifier(golden('wide'));
  const before = await classifier.fingerprint();
  const batch = texts.map(([, text]) => text).filter((text) => !isLong(text));
  const scores = await classifier.score(batch);
  assert.equal(scores.length, batch.length);
  await assert.rejects(classifier.score(batch, { signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' });
  assert.equal(await classifier.fingerprint(), before);
});

test('the command line: a result a text, and nothing that a terminal obeys', async () => {
  const short = texts.filter(([, text]) => !isLong(text));
  const input = short.map(([, text]) => `${JSON.stringify({ text })}\n`).join('');
  const run = (...args) =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [program, 'score', '--ndjson', '--model', new URL(golden('tiny')).pathname, ...args]);
      let [out, err] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
      child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
      child.on('close', (code) => resolve({ code, out, err }));
      child.stdin.end(input);
    });
  const json = await run('--json');
  assert.deepEqual([json.code, json.err], [0, '']);
  const classifier = await loadClassifier(golden('tiny'));
  const expected = await classifier.score(short.map(([, text]) => text));
  assert.deepEqual(json.out.trimEnd().split('\n').map((line) => JSON.parse(line)), expected);
  const cards = await run();
  assert.deepEqual([cards.code, cards.err], [0, '']);
  assert.doesNotMatch(cards.out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
});

const suites = [
  ['model files', hostileModels(), 50, loadClassifier, 'tiny'],
  ['files of generators', hostileGenerators(), 40, loadGenerator, 'generators/small'],
];
for (const [what, models, fewest, load, sound] of suites) {
  test(`${models.length} hostile ${what}: each is refused by an error that has a name, and the next model loads`, async () => {
    assert(models.length >= fewest);
    for (const [name, bytes, codes] of models) {
      const error = await inTime(name, bytes.length, () => load(bytes).then(() => undefined, (caught) => caught));
      assert(error instanceof ByteflowError, `${name}: ${error === undefined ? 'it loads' : error.stack}`);
      assert(codes.includes(error.code), `${name}: ${error.code}: ${error.message}`);
      assert.match(error.message, /^the model bytes: \w/, name);
      assert.doesNotMatch(error.message, /[\u0000-\u001f\u007f-\u009f]/, name);
    }
    assert.equal((await load(golden(sound))).model, sound.split('/').at(-1));
  });
}
