import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { civilFirst, loadClassifier, loadGenerator } from 'byteflow';
import { byteflow, file, program } from './command-line.js';
import { smallGenerator, smallGeneratorUrl, smallModel, smallModelUrl } from './models.js';

const run = (command, args, input) => byteflow([command, '--model', smallGenerator, ...args], input);
const generator = await loadGenerator(smallGeneratorUrl);
const classifier = await loadClassifier(smallModelUrl);
const lines = (texts) => texts.map((text) => `${text}\n`).join('');

test('rewrite --json: one object a line, equal to the API', async () => {
  const texts = ['have a nice day', '', 'Ünïcödé 漢字'];
  const { code, json, err } = await run('rewrite', ['--json'], lines(texts));
  assert.deepEqual([code, err], [0, '']);
  assert.deepEqual(json(), await generator.generate(texts));
  const narrow = await run('rewrite', ['--json', '--beams', '2', '--max-bytes', '7', '--backend', 'scalar'], lines(texts));
  assert.deepEqual(narrow.json(), await generator.generate(texts, { beams: 2, maxBytes: 7 }));
});

test('rewrite: one line in, one line out, without control characters; a cut text is told of', async () => {
  const texts = ['have a nice day', '', 'x'.repeat(100), 'zzz', 'q'];
  const { code, out, err } = await run('rewrite', [], lines(texts));
  assert.equal(code, 0);
  assert.match(err, /^byteflow: only the first 60 of 100 bytes were read of: x+…\n$/);
  const written = out.split('\n');
  assert.equal(written.length, texts.length + 1);
  const expected = (await generator.generate(texts)).map(({ candidates }) => candidates[0].text);
  for (const [i, line] of expected.entries()) assert.equal(written[i], line.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' '));
});

test('rewrite: NDJSON and files, as score has them', async () => {
  const row = JSON.stringify({ text: 'two lines\nin one' });
  const expected = [await generator.generate('two lines\nin one')];
  assert.deepEqual((await run('rewrite', ['--json', file('rude.jsonl', `${row}\n\n`)])).json(), expected);
  assert.deepEqual((await run('rewrite', ['--json', '--ndjson'], row)).json(), expected);
});

test('rewrite --civil-first: candidates below the threshold before the others, each with its toxicity', async () => {
  const { code, json } = await run('rewrite', ['--json', '--civil-first', '--toxicity', smallModel], 'have a nice day\n');
  assert.equal(code, 0);
  const { candidates } = await generator.generate('have a nice day');
  assert.deepEqual(json()[0].candidates, await civilFirst(candidates, classifier));
});

test('rewrite answers a line before the next one comes', async () => {
  const child = spawn(process.execPath, [program, 'rewrite', '--json', '--model', smallGenerator]);
  child.stdin.write('first\n');
  const [answer] = await child.stdout.setEncoding('utf8').take(1).toArray();
  assert.deepEqual(JSON.parse(answer), await generator.generate('first'));
  child.stdin.end();
});

test('correct --json: the words of a line, and no addresses', async () => {
  const texts = ['recieve', "  teh cat's well-knwon, e-mail: a.b@c.de 3rd x_y www.a.b/c été\u0301 ", '', '!?', 'a.b@c.de', 'main()'];
  const { code, json, err } = await run('correct', ['--json'], lines(texts));
  assert.deepEqual([code, err], [0, '']);
  const [word, text, empty, signs, address, call] = json();
  assert.deepEqual(word.words, [{ start: 0, end: 7, text: 'recieve', candidates: (await generator.generate('recieve', { beams: 12 })).candidates }]);
  assert.deepEqual(text.words.map((found) => found.text), ['teh', "cat's", 'well', 'knwon', 'e', 'mail', 'été\u0301']);
  for (const { start, end, text: found } of text.words) assert.equal(texts[1].slice(start, end), found);
  assert.deepEqual(empty, { text: '', words: [] });
  assert.deepEqual([signs.words, address.words, call.words.map(({ text }) => text)], [[], [], ['main']]);
});

test('correct: what is complete takes the place of a word, and all else stays', async () => {
  const given = 'one two; one, (two) Three';
  const { out } = await run('correct', ['--beams', '1'], `${given}\n`);
  const best = async (word) => {
    const [{ text, complete }] = (await generator.generate(word, { beams: 1 })).candidates;
    if (!complete || text === '') return word;
    return /^\p{Lu}/u.test(word) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  };
  const expected = await Promise.all(given.split(/(\p{L}+)/u).map((piece) => (/^\p{L}/u.test(piece) ? best(piece) : piece)));
  assert.equal(out, `${expected.join('').replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')}\n`);
});

test('correct: a word that is too long to be read stays', async () => {
  const long = 'a'.repeat(61);
  const { json } = await run('correct', ['--json'], `${long}\n`);
  assert.deepEqual(json(), [{ text: long, words: [{ start: 0, end: 61, text: long, candidates: [] }] }]);
});

const pairs = (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

test('eval --task rewrite: measures of what the model writes and of its toxicity', async () => {
  const sources = ['漢字', 'three', 'q'];
  const written = (await generator.generate(sources)).map(({ candidates }) => candidates[0].text);
  const rows = sources.map((source, i) => ({ split: 'test', source, targets: [written[i]] }));
  rows.push({ split: 'train', source: 'not this one', targets: ['x'] });
  const { code, json, err } = await run('eval', ['--task', 'rewrite', '--toxicity', smallModel, '--split', 'test', '--json'], pairs(rows));
  assert.deepEqual([code, err], [0, '']);
  const [report] = json();
  assert.deepEqual(Object.keys(report), ['rows', 'bleu', 'chrf', 'toxicity_before', 'toxicity_after', 'civil_share']);
  const [label] = classifier.labels;
  const mean = async (texts) => (await classifier.score(texts)).reduce((sum, { labels }) => sum + labels[label], 0) / texts.length;
  const scores = (await classifier.score(written)).map(({ labels }) => labels[label]);
  assert.equal(report.rows, 3);
  assert(Math.abs(report.chrf - 100) < 1e-9);
  assert(Math.abs(report.toxicity_before - (await mean(sources))) < 1e-12);
  assert(Math.abs(report.toxicity_after - (await mean(written))) < 1e-12);
  assert.equal(report.civil_share, scores.filter((score) => score < 0.5).length / 3);
  const plain = await run('eval', ['--task', 'rewrite', '--toxicity', smallModel, file('pairs.jsonl', pairs(rows))]);
  assert.match(plain.out, /^rows +4$/m);
});

test('eval --task correct: ranks of the right word', async () => {
  const { candidates } = await generator.generate('recieve', { beams: 12 });
  assert(candidates.length >= 4, 'the word no longer shows the difference');
  const rows = [0, 3].map((i) => ({ source: 'recieve', targets: [candidates[i].text, 'other'] }));
  rows.push({ source: 'recieve', targets: ['none of them'] });
  const { code, json } = await run('eval', ['--task', 'correct', '--json'], pairs(rows));
  assert.equal(code, 0);
  assert.deepEqual(json(), [{ rows: 3, rank1: 1 / 3, rank4: 2 / 3 }]);
  assert.deepEqual((await run('eval', ['--task', 'correct', '--json', '--limit', '1'], pairs(rows))).json(), [{ rows: 1, rank1: 1, rank4: 1 }]);
});

for (const [what, line, message] of [
  ['no source', '{"targets": ["a"]}', /:1: no string "source"/],
  ['no targets', '{"source": "a", "targets": []}', /:1: no strings "targets"/],
  ['targets that are no strings', '{"source": "a", "targets": [1]}', /:1: no strings "targets"/],
  ['a split that is no string', '{"source": "a", "targets": ["b"], "split": 1}', /:1: "split" is not a string/],
]) {
  test(`eval of pairs: ${what} is an error that names file and line`, async () => {
    const { code, err } = await run('eval', ['--task', 'correct'], `${line}\n`);
    assert.equal(code, 1);
    assert.match(err, message);
  });
}

test('inspect: generators too', async () => {
  for (const [name, front] of [['small', 'ByteFrontEnd'], ['words', 'WordFrontEnd']]) {
    const model = smallGenerator.replace('small', name);
    const { code, json } = await byteflow(['inspect', model, '--json']);
    assert.equal(code, 0);
    const [{ config, labels, tensors }] = json();
    assert.deepEqual([config.front_end, config.decoder, labels], [front, 'MattDecoder', []]);
    const { maxOutputBytes } = await loadGenerator(new URL(`${name}.byteflow`, smallGeneratorUrl));
    assert.equal(config.decoder_max_length, maxOutputBytes);
    assert(tensors.some((tensor) => tensor.name.startsWith('decoder.')));
    const { out } = await byteflow(['inspect', model]);
    assert.match(out, /^decoder_max_length +\d+$/m);
    assert(!/^Labels/m.test(out));
  }
});

test('a model of another kind is named', async () => {
  const { code, err } = await byteflow(['rewrite', '--model', smallModel], 'text\n');
  assert.equal(code, 1);
  assert.match(err, /model wide scores texts; it cannot write any; `byteflow score` and `byteflow explain` run it\n$/);
  assert.match((await byteflow(['score', '--model', smallGenerator], 'text\n')).err, /model small writes texts; it cannot score any; `byteflow rewrite` and `byteflow correct` run it\n$/);
});

test('eval: --limit without --task correct is an error that names the task it belongs to', async () => {
  for (const [args, task] of [[[], 'score'], [['--task', 'rewrite'], 'rewrite']]) {
    for (const limit of [['--limit', '5'], ['--limit=5']]) {
      const { code, err } = await byteflow(['eval', ...args, ...limit]);
      assert.deepEqual([code, err], [2, `byteflow: --limit belongs to --task correct, not to ${task}\nTry \`byteflow eval --help\`.\n`]);
    }
  }
});

for (const args of [['rewrite', '--beams', '0'], ['rewrite', '--beams', 'four'], ['rewrite', '--model', smallGenerator, '--beams', '33'], ['correct', '--max-bytes=-1'], ['rewrite', '--backend', 'quantum'], ['eval', '--task', 'guess'], ['eval', '--task', 'correct', '--limit', '0'], ['eval', '--task', 'correct', '--beams', '3'], ['eval', '--task', 'rewrite', '--no-such-option']]) {
  test(`bad usage: byteflow ${args.join(' ')}`, async () => {
    const { code, out, err } = await byteflow(args);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^byteflow: .+\nTry `byteflow .*--help`\.\n$/);
  });
}

test('help teaches the commands', async () => {
  assert.match((await byteflow(['--help'])).out, /rewrite[^]*correct/);
  for (const command of ['rewrite', 'correct']) assert.match((await byteflow([command, '--help'])).out, /Examples:/);
});
