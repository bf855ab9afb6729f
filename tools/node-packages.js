// The npm packages of the workspace, the second Node that tests use, and the peers of the benchmarks.
import { step } from './steps.js';
import { unlessStamped } from './stamps.js';

const advice = 'npm could not install the packages of the lock file; check the network, then run the same command again';

export async function installNodePackages() {
  await step('npm packages', advice, (run) =>
    unlessStamped('node_modules/.stamp', ['package.json', 'package-lock.json', 'web/package.json', 'demo/package.json'], {}, () =>
      run('npm', ['ci', '--no-progress']),
    ),
  );
}

export async function installEngines() {
  if (`${process.platform}-${process.arch}` !== 'linux-x64') return; // what its package is for
  await step('a second Node', advice, (run) =>
    unlessStamped('tests/engines/node_modules/.stamp', ['tests/engines/package-lock.json'], {}, () =>
      run('npm', ['ci', '--no-progress', '--prefix', 'tests/engines']),
    ),
  );
}

export async function installPeers() {
  await step('peers, about 220 MB', advice, (run) =>
    unlessStamped('tests/bench/node_modules/.stamp', ['tests/bench/package-lock.json'], {}, () =>
      run('npm', ['ci', '--no-progress', '--ignore-scripts', '--prefix', 'tests/bench']),
    ),
  );
}
