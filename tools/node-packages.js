// The npm packages of the workspace, and of the folders under tests/ that have some of their own.
import { step } from './steps.js';
import { unlessStamped } from './stamps.js';
import { unpackTarball } from './tarball.js';

const advice = 'npm could not install the packages of the lock file; check the network, then run the same command again';

export async function installNodePackages() {
  await step('npm packages', advice, (run) =>
    unlessStamped('node_modules/.stamp', ['package.json', 'package-lock.json', 'web/package.json', 'demo/package.json'], {}, () =>
      run('npm', ['ci', '--no-progress']),
    ),
  );
}

export async function installEngines() {
  if (`${process.platform}-${process.arch}` !== 'linux-x64') return; // what its packages are for
  await step('other engines', advice, (run) =>
    unlessStamped('tests/engines/node_modules/.stamp', ['tests/engines/package-lock.json'], {}, () =>
      run('npm', ['ci', '--no-progress', '--prefix', 'tests/engines']),
    ),
  );
}

const installIn = (folder, name) =>
  step(name, advice, (run) =>
    unlessStamped(`${folder}/node_modules/.stamp`, [`${folder}/package-lock.json`], {}, () => run('npm', ['ci', '--no-progress', '--ignore-scripts', '--prefix', folder])),
  );

export const installPeers = () => installIn('tests/bench', 'peers, about 220 MB');

export async function installGates() {
  await installIn('tests/gates', 'what judges the package');
  await unpackTarball('tests/gates');
}

export async function installApps() {
  await installIn('tests/apps', 'bundlers');
  await unpackTarball('tests/apps');
}

export async function installNext() {
  await installIn('tests/apps/next', 'Next, about 350 MB');
  await unpackTarball('tests/apps/next');
}
