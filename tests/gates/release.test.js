// What keeps `npm run release` from going on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inRoot } from '../../tools/paths.js';
import { checks, obstacles } from '../../tools/release.js';
import { tarball } from '../../tools/tarball.js';

const ready = { version: '1.2.3', changelog: '# Changes\n\n## 1.2.3, 2030-01-31\n\n- A thing.\n', demoNeeds: '1.2.3', status: '', tags: 'v1.2.2\n' };

test('a release that is ready has nothing in its way', () => assert.deepEqual(obstacles(ready), []));

for (const [what, change, message] of [
  ['a version that is none', { version: '1.2', demoNeeds: '1.2', changelog: '## 1.2, 2030-01-31' }, /none of the form/],
  ['no section of the changes', { changelog: '## 1.2.30, 2030-01-31' }, /no section "## 1\.2\.3, /],
  ['a section without a date', { changelog: '## 1.2.3, soon' }, /no section/],
  ['a demo of another version', { demoNeeds: '1.2.2' }, /demo\/package\.json needs byteflow 1\.2\.2/],
  ['changes that are not committed', { status: ' M web/src/index.ts\n' }, /not committed:\n M web/],
  ['a tag that is there', { tags: 'v1.2.2\nv1.2.3\n' }, /tag v1\.2\.3 already/],
]) {
  test(`${what} stops a release`, () => {
    const found = obstacles({ ...ready, ...change });
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0], message);
  });
}

test('a release waits for every check that there is', () => {
  const { scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  const others = ['bench', 'build', 'docs', 'fuzz', 'release', 'screenshots', 'sizes', 'soak', 'start']; // make something, or take as long as they are told to
  assert.deepEqual([...checks.map(([name]) => name), ...others].sort(), Object.keys(scripts).sort());
});

test('CHANGELOG.md has a section of the version in web/package.json', () => {
  const { version } = JSON.parse(readFileSync(inRoot('web/package.json'), 'utf8'));
  assert.match(readFileSync(inRoot('CHANGELOG.md'), 'utf8'), new RegExp(`^## ${version.replaceAll('.', '\\.')}, `, 'm'));
});

test('npm would publish the tarball', () => {
  const output = execFileSync('npm', ['publish', '--dry-run', '--offline', tarball], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  assert.match(output, /^\+ byteflow@\d+\.\d+\.\d+$/m);
});
