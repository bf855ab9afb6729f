// The command line when its output has nowhere to go, and when it is killed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { smallModel } from '../web/models.js';

const program = join(import.meta.dirname, '../../web/bin/byteflow.js');
const scratch = mkdtempSync(join(tmpdir(), 'byteflow-faults-'));
after(() => rmSync(scratch, { recursive: true }));
const texts = join(scratch, 'texts.txt');
writeFileSync(texts, 'one more line\n'.repeat(20_000));

function run(args, stdout = 'pipe') {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', stdout, 'pipe'] });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, err })));
  return { child, ended };
}

const score = (...more) => ['score', '--json', '--model', smallModel, texts, ...more];

for (const args of [score(), ['explain', '--json', '--model', smallModel, texts], ['inspect', smallModel], ['--help']]) {
  test(`a full disk: byteflow ${args[0]}`, { skip: existsSync('/dev/full') ? false : 'there is no /dev/full' }, async () => {
    const { code, err } = await run(args, openSync('/dev/full', 'w')).ended;
    assert.equal(code, 1, err);
    assert.match(err, /^byteflow: cannot write the results: the disk is full\n$/);
  });
}

test('a reader that has seen enough', async () => {
  const { child, ended } = run(score());
  child.stdout.once('data', () => child.stdout.destroy());
  assert.deepEqual(await ended, { code: 0, signal: null, err: '' });
});

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
