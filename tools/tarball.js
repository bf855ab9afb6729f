// What npm would ship, packed once: tests install it as users do.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { inRoot } from './paths.js';
import { step } from './steps.js';

export const tarball = inRoot('build/byteflow.tgz');

/** Packs web/, which must have been built. */
export function packTarball() {
  return step('tarball', 'npm says why in the log', async (run) => {
    const report = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', inRoot('build')], { cwd: inRoot('web') });
    const [{ filename }] = Object.values(JSON.parse(report));
    renameSync(inRoot('build', filename), tarball);
  });
}

/** Installs it among the packages of a folder; it has no dependencies, so unpacking is all. */
export function unpackTarball(folder) {
  return step(`tarball in ${folder}`, 'tar says why in the log', async (run) => {
    const installed = inRoot(folder, 'node_modules/byteflow');
    rmSync(installed, { recursive: true, force: true });
    mkdirSync(installed, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components', '1']);
  });
}
