// The programs without a page: under every Node that is here, under Deno and Bun, and in an edge runtime.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { bun, deno, nodes, workerd } from '../../tools/engines.js';
import { build, expectedScores, folderOf, texts } from './app.js';

const versionOf = (program) => execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')[0].trim();
const skip = (program) => (existsSync(program) ? false : 'there is no package of it for this system in tests/engines');

async function printsTheScore(program, args) {
  assert.equal(execFileSync(program, args, { encoding: 'utf8', cwd: folderOf('') }), `${(await expectedScores())[0]}\n`);
}

for (const node of nodes()) {
  for (const program of ['esm/main.mjs', 'cjs/main.cjs']) test(`${program} under Node ${versionOf(node)}`, () => printsTheScore(node, [program]));
}

// A permission to read is all it asks for: no network, no environment, no program.
test('esm/main.mjs under Deno', { skip: skip(deno) }, () => printsTheScore(deno, ['run', '--no-prompt', '--allow-read', 'esm/main.mjs']));
test('esm/main.mjs under Bun', { skip: skip(bun) }, () => printsTheScore(bun, ['esm/main.mjs']));

test('edge: a worker of an edge runtime answers requests with scores', { skip: skip(workerd) }, async () => {
  build('edge');
  const runtime = spawn(workerd, ['serve', folderOf('edge/config.capnp'), '--control-fd=3'], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  let faults = '';
  runtime.stderr.setEncoding('utf8').on('data', (text) => (faults += text));
  try {
    const [listening] = await Promise.race([
      once(runtime.stdio[3].setEncoding('utf8'), 'data'),
      once(runtime, 'exit').then(() => assert.fail(`the runtime ended: ${faults}`)),
    ]);
    const { port } = JSON.parse(listening);
    const expected = await expectedScores('toxicity-small');
    for (const [i, body] of texts.entries()) {
      const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body });
      assert.equal(await answer.text(), expected[i], faults);
    }
  } finally {
    runtime.kill();
  }
});
