// The command line when its output has nowhere to go, and when it is killed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { smallGenerator, smallModel } from '../web/models.js';

const program = join(import.meta.dirname, '../../web/bin/byteflow.js');
const scratch = mkdtempSync(join(tmpdir(), 'byteflow-faults-'));
after(() => rmSync(scratch, { recursive: true }));
const texts = join(scratch, 'texts.txt');
writeFileSync(texts, 'one more line\n'.repeat(20_000));
const rows = join(scratch, 'rows.ndjson');
writeFileSync(rows, '{"text": "one", "labels": {"x": 1}}\n{"text": "another", "labels": {"x": 0}}\n');

function run(args, stdout = 'pipe') {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', stdout, 'pipe'] });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, err })));
  return { child, ended };
}

const score = (...more) => ['score', '--json', '--model', smallModel, texts, ...more];

const ofManyResults = [
  score(),
  score('--workers', '2'),
  ['explain', '--json', '--model', smallModel, texts],
  ['rewrite', '--model', smallGenerator, texts],
  ['correct', '--json', '--model', smallGenerator, texts],
];
const ofOneResult = [['eval', '--json', '--model', smallModel, rows], ['inspect', smallModel], ['--help']];
const called = (args) => `byteflow ${args[0]}${args.includes('--workers') ? ' --workers' : ''}`;

for (const args of [...ofManyResults, ...ofOneResult]) {
  test(`a full disk: ${called(args)}`, { skip: existsSync('/dev/full') ? false : 'there is no /dev/full' }, async () => {
    const { code, err } = await run(args, openSync('/dev/full', 'w')).ended;
    assert.equal(code, 1, err);
    assert.match(err, /^byteflow: cannot write the results: the disk is full\n$/);
  });
}

for (const args of ofManyResults) {
  test(`a reader that has seen enough: ${called(args)}`, async () => {
    const { child, ended } = run(args);
    child.stdout.once('data', () => child.stdout.destroy());
    assert.deepEqual(await ended, { code: 0, signal: null, err: '' });
  });
}

for (const args of ofOneResult) {
  test(`a reader that has left before: ${called(args)}`, async () => {
    const { child, ended } = run(args);
    child.stdout.destroy();
    assert.deepEqual(await ended, { code: 0, signal: null, err: '' });
  });
}

test('a kill leaves whole lines, and the next run gives all', async () => {
  const file = join(scratch, 'killed.ndjson');
  const { child, ended } = run(score(), openSync(file, 'w'));
  while (readFileSync(file).length < 10_000) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGKILL');
  assert.equal((await ended).signal, 'SIGKILL');
  const written = readFileSync(file, 'utf8');
  assert(written.endsWith('\n'), 'a line is written as a whole');
  for (const line of written.trimEnd().split('\n')) assert.equal(typeof JSON.parse(line).bytes, 'number');
  const whole = openSync(file, 'w');
  assert.equal((await run(score(), whole).ended).code, 0);
  assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 20_000);
});
