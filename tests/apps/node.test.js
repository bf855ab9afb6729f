// The programs for Node, under every Node that is here.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { nodes } from '../../tools/engines.js';
import { expectedScores, folderOf } from './app.js';

const versionOf = (node) => execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();

for (const node of nodes()) {
  for (const program of ['node-esm/main.mjs', 'node-cjs/main.cjs']) {
    test(`${program} under ${versionOf(node)}`, async () => {
      assert.equal(execFileSync(node, [folderOf(program)], { encoding: 'utf8' }), `${(await expectedScores())[0]}\n`);
    });
  }
}
