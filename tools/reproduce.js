// npm run reproduce: builds the package twice from the last commit, in two folders, with nothing cached, and compares every file of what npm would publish.
// It takes as long as two builds do.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inRoot } from './paths.js';
import { StepFailed, command, step } from './steps.js';

function* filesUnder(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* filesUnder(path);
    else yield path;
  }
}

const digest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Paths and digests of the files in the package that a clean copy of the sources makes, and of the package itself. */
async function buildIn(name) {
  const copy = inRoot('build/reproduce', name);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  return step(`a clean build, ${name}`, 'the log says where', async (run) => {
    await run('sh', ['-c', `git archive HEAD | tar -x -C "${copy}"`]);
    await run('npm', ['ci', '--no-progress'], { cwd: copy });
    await run(process.execPath, ['tools/build.js'], { cwd: copy, env: { CCACHE_DISABLE: '1' } });
    await run('npm', ['pack', '--workspace', 'web', '--pack-destination', copy], { cwd: copy });
    const [packed] = readdirSync(copy).filter((file) => file.endsWith('.tgz'));
    const unpacked = join(copy, 'unpacked');
    mkdirSync(unpacked);
    await run('tar', ['-xzf', join(copy, packed), '-C', unpacked]);
    const files = [...filesUnder(unpacked)].map((file) => [relative(unpacked, file), digest(file)]);
    return new Map([...files, [packed, digest(join(copy, packed))]]);
  });
}

await command(async () => {
  const first = await buildIn('first');
  const second = await buildIn('the-second');
  let differing = 0;
  for (const file of new Set([...first.keys(), ...second.keys()])) {
    const same = first.get(file) === second.get(file);
    if (!same) differing++;
    process.stdout.write(`${same ? 'identical' : 'DIFFERENT'}  ${first.get(file) ?? 'absent'}  ${file}\n`);
  }
  if (differing > 0) throw new StepFailed(`${differing} files differ between two builds of one commit.`);
  process.stdout.write(`${first.size} files, the package among them, are the same in both builds.\n`);
});
