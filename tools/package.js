// From a fresh clone to a package and a demo that run; with `tests`, also the WebAssembly tests and what every other test needs.
import { buildWasm } from './cmake-builds.js';
import { installNodePackages } from './node-packages.js';
import { installSystemPackages } from './system-packages.js';
import { buildWeb } from './web-builds.js';

export async function makePackage({ tests }) {
  await installSystemPackages({ tests });
  await installNodePackages();
  await buildWasm({ tests });
  await buildWeb();
}
