// What is judged before a release. The sizes and the list of files are in tests/web/package.test.js.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { apiPage, apiPageFile } from '../../tools/api-page.js';
import { inRoot, root } from '../../tools/paths.js';
import { tarball } from '../../tools/tarball.js';

const here = import.meta.dirname;

/** Runs a program of node_modules; what it prints is shown when it fails. */
function passes(name, ...args) {
  const { status, stdout, stderr } = spawnSync(join(here, 'node_modules/.bin', name), args, { cwd: here, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  assert.equal(status, 0, `${name} ${args.join(' ')}\n${stdout}${stderr}`);
}

test('publint has nothing to say, not even a suggestion', () => passes('publint', tarball, '--strict', '--level', 'suggestion'));

test('are the types wrong? no, for whoever imports ES modules', () => passes('attw', tarball, '--profile', 'esm-only', '--no-emoji'));

for (const [module, moduleResolution] of [['NodeNext', 'NodeNext'], ['ESNext', 'Bundler']]) {
  for (const [project, lacks] of [['tsconfig.json', 'types of Node'], ['tsconfig.node.json', 'the DOM library']]) {
    test(`strict programs without ${lacks} compile against the declarations, ${moduleResolution}`, () => passes('tsc', '-p', project, '--module', module, '--moduleResolution', moduleResolution));
  }
}

test('docs/api.md is what TypeDoc makes of the declarations, without a warning', async () => {
  const page = await apiPage((program, args) => execFileSync(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] }));
  assert(readFileSync(apiPageFile, 'utf8') === page, 'docs/api.md is out of date: npm run docs writes it anew');
});

test('lock files name versions and hashes, never a registry\'s host', () => {
  const files = execFileSync('git', ['ls-files', '*package-lock.json'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  assert(files.length >= 5, files.join());
  for (const file of files) {
    const { packages } = JSON.parse(readFileSync(inRoot(file), 'utf8'));
    for (const [name, { resolved, link, integrity, inBundle }] of Object.entries(packages)) {
      assert(link || resolved === undefined, `${file}: ${name} is resolved from ${resolved}`);
      if (name.includes('node_modules/') && !link && !inBundle) assert.match(integrity ?? '', /^sha512-/, `${file}: ${name} has no hash`);
    }
  }
});
