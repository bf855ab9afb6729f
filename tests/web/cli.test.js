import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { backends, loadClassifier } from 'byteflow';
import { byteflow, file, program, scratch } from './command-line.js';
import { smallModel, smallModelBytes, smallModelUrl } from './models.js';

const score = (args, input) => byteflow(['score', '--model', smallModel, ...args], input);
const explain = (args, input) => byteflow(['explain', '--model', smallModel, ...args], input);
const evaluate = (args, input) => byteflow(['eval', '--model', smallModel, ...args], input);
const classifier = await loadClassifier(smallModelUrl);

test('score --json: one object a line, equal to the API', async () => {
  const { code, json, err } = await score(['--json'], 'have a nice day\n\nwindows\r\nno newline at the end');
  assert.equal(code, 0);
  assert.equal(err, '');
  assert.deepEqual(json(), await classifier.score(['have a nice day', '', 'windows', 'no newline at the end']));
});

test('score: the backends print the same', async () => {
  const [scalar, simd128] = await Promise.all(['scalar', 'simd128'].map((backend) => score(['--json', '--backend', backend], 'a text\nanother\n')));
  assert.equal(scalar.out, simd128.out);
});

test('score: a table for people, without control characters of the text', async () => {
  const { code, out } = await score([], `red \x1b[31m text\n${'long '.repeat(100)}\n`);
  assert.equal(code, 0);
  assert(!out.includes('\x1b'));
  assert.match(out, /^red ␛\[31m text$/m);
  assert.match(out, /only the first 130 of 500 bytes were read/);
  for (const label of classifier.labels) assert.match(out, new RegExp(`^  ${label} +.*\\d\\.\\d{3}$`, 'm'));
});

test('score: files, gzip, and NDJSON by name or by flag', async () => {
  const row = `${JSON.stringify({ text: 'a line\u2028that goes on', id: 7 })}\n`;
  const files = [file('a.txt', 'plain\n'), file('b.ndjson', `${row}\n`), file('c.jsonl.gz', gzipSync(row)), file('d.txt.gz', gzipSync('packed'))];
  const { code, json } = await score(['--json', ...files]);
  assert.equal(code, 0);
  assert.deepEqual(json(), await classifier.score(['plain', 'a line\u2028that goes on', 'a line\u2028that goes on', 'packed']));
  assert.deepEqual((await score(['--json', '--ndjson'], row)).json(), [json()[1]]);
});

test('score: gzip on standard input is unpacked; what only begins like it, and short input, is not', async () => {
  const packed = gzipSync('packed\ntwice\n');
  const expected = await classifier.score(['packed', 'twice']);
  assert.deepEqual((await score(['--json'], packed)).json(), expected);
  assert.deepEqual((await score(['--json', '-'], packed)).json(), expected);
  const { code, err } = await score(['--json'], packed.subarray(0, 15));
  assert.deepEqual([code, err], [1, 'byteflow: cannot read -: unexpected end of file\n']);
  for (const text of ['\x1f', '\x1f\x1f text', 'a', '\n']) assert.deepEqual((await score(['--json'], text)).json(), [await classifier.score(text.trimEnd())]);
  assert.equal((await score(['--json'], '')).out, '');

  const child = spawn(process.execPath, [program, 'score', '--json', '--model', smallModel]);
  child.stdin.write(packed.subarray(0, 1));
  setTimeout(() => child.stdin.end(packed.subarray(1)), 300); // the magic number in two pieces
  assert.deepEqual((await child.stdout.setEncoding('utf8').toArray()).join('').trimEnd().split('\n').map((line) => JSON.parse(line)), expected);
});

test('a fault ends the program although its standard input stays open', async () => {
  for (const input of [Buffer.from('no json\n'.repeat(2_000)), gzipSync('no json\n'.repeat(2_000))]) {
    const child = spawn(process.execPath, [program, 'score', '--ndjson', '--model', smallModel]);
    child.stdin.on('error', () => {});
    child.stdin.write(input);
    const timer = setTimeout(() => child.kill(), 10_000);
    const [code] = await once(child, 'close');
    clearTimeout(timer);
    assert.equal(code, 1);
  }
});

test('score: texts that are not UTF-8 are read with U+FFFD', async () => {
  const { json } = await score(['--json'], Buffer.from([0x61, 0xff, 0x62, 0x0a]));
  assert.deepEqual(json(), [await classifier.score('a\ufffdb')]);
});

test('score answers a line before the next one comes', async () => {
  const child = spawn(process.execPath, [program, 'score', '--json', '--model', smallModel]);
  child.stdin.write('first\n');
  const [answer] = await child.stdout.setEncoding('utf8').take(1).toArray();
  assert.deepEqual(JSON.parse(answer), await classifier.score('first'));
  child.stdin.end();
});

test('score into a pipe that closes early ends quietly', async () => {
  const texts = file('many.txt', 'one more line\n'.repeat(20_000));
  const child = spawn('sh', ['-c', `"${process.execPath}" "${program}" score --json --model "${smallModel}" "${texts}" | head -n 1; exit`]);
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  child.stdout.resume();
  await new Promise((closed) => child.on('close', closed));
  assert.equal(err, '');
});

test('score --flag: the labels that reach the model\'s threshold, and nothing else changes', async () => {
  const input = 'have a nice day\nzzz\n';
  const [plain, flagged] = await Promise.all([score(['--json'], input), score(['--json', '--flag'], input)]);
  for (const [i, { flagged: names, ...rest }] of flagged.json().entries()) {
    assert.deepEqual(rest, plain.json()[i]);
    assert.deepEqual(names, classifier.labels.filter((label) => rest.labels[label] >= classifier.thresholds[label]));
  }
  const found = flagged.json().flatMap(({ flagged }) => flagged);
  assert(found.length > 0 && found.length < 14, 'the texts no longer show the difference');
  const { out } = await score(['--flag'], input);
  assert.equal(out.match(/ flagged$/gm).length, found.length);
  assert(!(await score([], input)).out.includes('flagged'));
});

test('explain --json: one object a line, equal to the API', async () => {
  const texts = ['have a nice day', '', 'e\u0301 😀 你好'];
  for (const label of [undefined, 'w']) {
    const { code, json, err } = await explain(['--json', ...(label ? ['--label', label] : [])], texts.join('\n'));
    assert.deepEqual([code, err], [0, '']);
    assert.deepEqual(json(), await Promise.all(texts.map((text) => classifier.explain(text, { label }))));
  }
});

test('explain: files, NDJSON and backends as score has them', async () => {
  const row = JSON.stringify({ text: 'two lines\nin one' });
  const expected = [await classifier.explain('two lines\nin one')];
  assert.deepEqual((await explain(['--json', file('explained.jsonl', `${row}\n\n`)])).json(), expected);
  assert.deepEqual((await explain(['--json', '--ndjson', '--backend', 'scalar'], row)).json(), expected);
});

test('explain: a text that was cut is told of on standard error, or by `truncated`', async () => {
  const text = 'long '.repeat(100);
  const { code, err } = await explain([], `short\n${text}\n`);
  assert.deepEqual([code, err], [0, `byteflow: only the first 130 of 500 bytes were read of: ${text.slice(0, 59)}…\n`]);
  const packed = await explain(['--json'], text);
  assert.deepEqual([packed.err, packed.json()[0].bytes, packed.json()[0].truncated], ['', 500, true]);
});

test('explain: the strongest words marked in the line and listed by strength, without colour and control characters', async () => {
  const text = 'what \x1b[31m a fine day to try it';
  const { code, out } = await explain([], text);
  assert.equal(code, 0);
  assert(!out.includes('\x1b'), out);
  const [line, probability, ...rows] = out.trimEnd().split('\n');
  assert.equal(line.replaceAll(/\[[+-](.*?)\](?= |$)/g, '$1'), text.replace('\x1b', '␛'));
  assert.match(probability, /^  x  \d\.\d{3}$/);
  const listed = rows.map((row) => row.match(/^ +([+-]\d+\.\d\d)  (.+)$/).slice(1));
  const { spans } = await classifier.explain(text);
  const order = spans.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, listed.length);
  assert(listed.length > 0);
  assert.deepEqual(listed.map(([, word]) => word), order.map((span) => span.text.replace('\x1b', '␛')));
  for (const [i, [weight]] of listed.entries()) assert.equal(Number(weight), Number(order[i].weight.toFixed(2)));
});

test('eval: rows, unknown labels, splits, and hand-computed metrics', async () => {
  const [label] = classifier.labels;
  const texts = ['first', 'second', 'third', 'fourth', 'fifth'];
  const order = (await classifier.score(texts)).map((result, i) => [result.labels[label], texts[i]]).sort(([a], [b]) => b - a);
  // From the highest score down: positive, negative, unknown, positive, negative.
  const targets = [0.5, 0.49, null, 1, 0];
  const rows = order.map(([, text], i) => ({ split: 'test', text, labels: { [label]: targets[i], other: 1 } }));
  rows.push({ split: 'train', text: 'not this one', labels: { [label]: 1 } });
  const ndjson = `${rows.map((row) => JSON.stringify(row)).join('\n')}\n\n`;
  const { code, json } = await evaluate(['--split', 'test', '--json'], ndjson);
  assert.equal(code, 0);
  const [{ comments_per_s, ...report }] = json();
  assert(comments_per_s > 0);
  assert.deepEqual(report, {
    rows: 5,
    labels: { [label]: { auc: 3 / 4, ap: (1 / 1 + 2 / 3) / 2, positives: 2 } },
    backend: 'simd128',
    model: 'wide',
  });
  const packed = await evaluate(['--split', 'test', file('rows.jsonl.gz', gzipSync(ndjson))]);
  assert.equal(packed.code, 0);
  assert.match(packed.out, new RegExp(`^${label} +0\\.7500 +0\\.8333 +2$`, 'm'));
});

for (const [what, line, message] of [
  ['broken JSON', '{"text": ', /:2: not JSON/],
  ['no object', '[1]', /:2: not a JSON object/],
  ['no text', '{"labels": {}}', /:2: no string "text"/],
  ['a label that is no number', '{"text": "a", "labels": {"x": "yes"}}', /:2: label "x" is not a number from 0 to 1/],
  ['labels that are no object', '{"text": "a", "labels": [1]}', /:2: "labels" is not an object/],
]) {
  test(`eval: ${what} is an error that names file and line`, async () => {
    const path = file('broken.jsonl', `{"text": "fine"}\n${line}\n`);
    const { code, err } = await evaluate([path]);
    assert.equal(code, 1);
    assert(err.startsWith(`byteflow: ${path}`), err);
    assert.match(err, message);
  });
}

test('eval: no rows is an error', async () => {
  assert.deepEqual(await evaluate([], '').then(({ code, err }) => [code, err]), [1, 'byteflow: there is no row to evaluate\n']);
  assert.match((await evaluate(['--split', 'tset'], '{"split": "test", "text": "a"}')).err, /no row has the split "tset"/);
});

test('eval: rows without a label of the model are an error that names the labels of both', async () => {
  const rows = [{ text: 'a', labels: { toxic: 1, x: null } }, { text: 'b', labels: { rude: 0 } }, { text: 'c' }];
  const { code, out, err } = await evaluate(['--json'], rows.map((row) => JSON.stringify(row)).join('\n'));
  assert.deepEqual([code, out], [1, '']);
  assert.equal(err, `byteflow: no row has a label of the model wide, which are ${classifier.labels.join(', ')}; the rows have toxic, rude\n`);
  assert.match((await evaluate([], '{"text": "a"}')).err, /; the rows have none$/m);
});

test('inspect: what the file holds', async () => {
  const { code, json } = await byteflow(['inspect', smallModel, '--json']);
  assert.equal(code, 0);
  const [report] = json();
  assert.equal(report.name, 'wide');
  assert.equal(report.bytes, smallModelBytes().length);
  assert.deepEqual(report.labels, [...classifier.labels]);
  assert.deepEqual(report.calibration.threshold, Object.values(classifier.thresholds));
  assert.deepEqual(report.config.block_widths, [1, 2, 3, 4]);
  const { type, shape, bytes } = report.tensors.find(({ name }) => name === 'embedding.weight');
  assert.deepEqual([type, shape, bytes], ['int8', [259, 16], 259 * 16]);
  const { out } = await byteflow(['inspect', smallModel]);
  assert.match(out, /^embedding\.weight +int8 +259 x 16 +4144 +-\d+ +\d+ +[\d.e-]+$/m);
  assert.match(out, /^[0-9a-f]{64}  the weights, as its provenance says$/m);
  assert.match(out, /^fingerprint [0-9a-f]{16}$/m);
});

test('inspect: ranges and digests are those of the bytes in the file', async () => {
  const bytes = readFileSync(smallModel);
  const [report] = (await byteflow(['inspect', smallModel, '--json'])).json();
  const sha256 = (data) => createHash('sha256').update(data).digest('hex');
  assert.equal(report.sha256, sha256(bytes));
  assert.equal(report.weights_sha256, report.provenance.weights_sha256);
  const arrays = { int8: Int8Array, int16: Int16Array, uint16: Uint16Array, int32: Int32Array, float32: Float32Array };
  for (const { name, type, shape, bytes: length, min, max, scales, sha256: digest } of report.tensors) {
    // Where in the file it lies nobody says: it is the aligned piece that has the digest.
    const starts = Array.from({ length: Math.ceil(bytes.length / 64) }, (_, i) => 64 * i);
    const start = starts.find((start) => sha256(bytes.subarray(start, start + length)) === digest);
    assert(start !== undefined, `${name} is not in the file`);
    const numbers = new arrays[type](new Uint8Array(bytes.subarray(start, start + length)).buffer);
    assert.deepEqual([numbers.length, min, max], [shape.reduce((a, b) => a * b, 1), Math.min(...numbers), Math.max(...numbers)]);
    assert(scales === null || (scales.count >= 1 && scales.min > 0 && scales.max >= scales.min), name);
  }
  for (const { scale, zero_point, min, max } of report.activations) assert.deepEqual([min, max], [scale * (-128 - zero_point), scale * (127 - zero_point)]);
});

test('results that cannot be written are an error that says so', { skip: !existsSync('/dev/full') }, async () => {
  for (const args of [['score', '--json'], ['score', '--json', '--workers', '2'], ['explain'], ['inspect', smallModel], ['--help']]) {
    const child = spawn('sh', ['-c', `echo text | "$0" "$@" > /dev/full`, process.execPath, program, ...args, ...(args[0] === 'score' ? ['--model', smallModel] : [])]);
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
    const [code] = await once(child, 'close');
    assert.deepEqual([code, err], [1, 'byteflow: cannot write the results: the disk is full\n'], args.join(' '));
  }
});

test('bench: every backend that runs here, each length, times that are some', async () => {
  const { code, json, err } = await byteflow(['bench', '--model', smallModel, '--json']);
  assert.deepEqual([code, err], [0, '']);
  const [{ model, node, cpu, results }] = json();
  assert.deepEqual([model, node, typeof cpu], ['wide', process.version, 'string']);
  const run = backends.filter((backend) => results.some((result) => result.backend === backend));
  assert(run.length >= 2, run.join());
  assert.deepEqual(results.map(({ backend, bytes }) => [backend, bytes]), run.flatMap((backend) => [20, 100, 300, 1_000].map((bytes) => [backend, bytes])));
  for (const { load_ms, ms, comments_per_s } of results) assert(load_ms > 0 && ms > 0 && comments_per_s > 0);
  const { out } = await byteflow(['bench', '--model', smallModel, '--backend', 'scalar']);
  assert.match(out, /^scalar +[\d.]+ +1000 +[\d.]+ +\d+$/m);
  assert(!out.includes('simd128'), out);
});

test('inspect: every kind of front end and encoder', async () => {
  const config = async (name) => (await byteflow(['inspect', join(dirname(smallModel), `${name}.byteflow`), '--json'])).json()[0].config;
  const parts = ({ front_end, encoder, blocks, pool, heads, features }) => ({ front_end, encoder, blocks, pool, heads, features });
  const none = parts({});
  assert.deepEqual(parts(await config('transformer')), { ...none, front_end: 'ByteFrontEnd', encoder: 'TransformerEncoder', blocks: 2, heads: 3 });
  assert.deepEqual(parts(await config('funnel')), { ...none, front_end: 'ByteFrontEnd', encoder: 'FunnelEncoder', pool: [1, 2, 3], heads: 2 });
  assert.deepEqual([(await config('words')).normalize, (await config('normalized')).normalize], [false, true]);
  assert.deepEqual([(await config('tiny')).shared_gates, (await config('shared-gates')).shared_gates], [false, true]);
  assert.deepEqual(parts(await config('words')), { ...none, front_end: 'WordFrontEnd', encoder: 'QrnnEncoder', blocks: 2, features: 150 });
});

test('a damaged model is an error that names the fault, with exit code 1', async () => {
  const bytes = smallModelBytes();
  const truncated = file('truncated.byteflow', bytes.subarray(0, 5_000));
  const weights = smallModelBytes();
  weights[weights.length >> 1] ^= 2; // in the middle of a file there are weights: another weight, as allowed as the first
  const flipped = file('flipped.byteflow', weights);
  for (const args of [['inspect', truncated], ['score', '--model', truncated], ['eval', '--model', truncated]]) {
    const { code, err, out } = await byteflow(args, 'text\n');
    assert.deepEqual([code, out], [1, '']);
    assert(err.startsWith(`byteflow: ${truncated}: `), err);
    assert.match(err, /the file is truncated or damaged/);
  }
  for (const args of [['inspect', flipped], ['score', '--model', flipped]]) {
    const { code, err } = await byteflow(args, 'text\n');
    assert.equal(code, 1);
    assert.match(err, /checksum/);
  }
});

for (const args of [[], ['no-such-command'], ['help', 'no-such-command'], ['score', '--no-such-option'], ['score', '--backend', 'quantum'], ['explain', '--label', 'no such label'], ['score', '--model'], ['score', '--workers', '0'], ['score', '--workers', 'two'], ['inspect'], ['inspect', 'a', 'b'], ['bench', 'a file'], ['serve', '--port', '70000'], ['serve', '--max-bytes', '']]) {
  test(`bad usage: byteflow ${args.join(' ')}`, async () => {
    const { code, out, err } = await byteflow(args);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^byteflow: .+\nTry `byteflow .*--help`\.\n$/);
  });
}

test('what cannot be read is an error that names it', async () => {
  assert.deepEqual(await score(['/no/such/file']).then(({ code, err }) => [code, /\/no\/such\/file/.test(err)]), [1, true]);
  assert.deepEqual(await score([scratch]).then(({ code, err }) => [code, err.startsWith(`byteflow: cannot read ${scratch}: `)]), [1, true]);
  const damaged = file('damaged.gz', gzipSync('some text').subarray(0, 12));
  assert.deepEqual(await score([damaged]).then(({ code, err }) => [code, err.startsWith(`byteflow: cannot read ${damaged}: `)]), [1, true]);
  assert.match((await byteflow(['score', '--model', 'missing'])).err, /no bundled model is called "missing"/);
});

test('a line of more than 16 MB is an error, although its end lies in the same chunk; one of 16 MB is none', async () => {
  const longest = Buffer.alloc(1 << 24, 'x');
  const read = (bytes) => score(['--json', file('long.txt', Buffer.concat([Buffer.from('first\n'), bytes, Buffer.from('\nlast\n')]))]);
  const { code, out, err } = await read(Buffer.concat([longest, Buffer.from('x')]));
  assert.deepEqual([code, err], [1, `byteflow: ${join(scratch, 'long.txt')}: a line is longer than 16777216 bytes\n`]);
  assert.equal(out.trimEnd().split('\n').length, 1);
  const whole = await read(longest);
  assert.deepEqual([whole.code, whole.json().map(({ bytes }) => bytes)], [0, [5, 1 << 24, 4]]);
});

test('help teaches each command, and the version is the package\'s', async () => {
  assert.match((await byteflow(['--help'])).out, /score[^]*explain[^]*eval[^]*inspect[^]*bench[^]*serve/);
  for (const command of ['score', 'explain', 'eval', 'inspect', 'bench', 'serve']) {
    const { code, out } = await byteflow([command, '--help']);
    assert.equal(code, 0);
    assert.match(out, /Examples:/);
    assert.deepEqual(await byteflow(['help', command]).then(({ code, out }) => [code, out]), [0, out]);
  }
  assert.deepEqual(await byteflow(['help']).then(({ code, out }) => [code, out]), [0, (await byteflow(['--help'])).out]);
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../web/package.json'), 'utf8'));
  assert.equal((await byteflow(['--version'])).out, `${version}\n`);
});
