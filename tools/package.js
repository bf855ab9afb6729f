// From a fresh clone to a package and a demo that run; with `tests` or `bench`, also the WebAssembly tests or benchmarks and what they need.
import { buildWasm } from './cmake-builds.js';
import { installNodePackages } from './node-packages.js';
import { installSystemPackages } from './system-packages.js';
import { buildWeb } from './web-builds.js';

export async function makePackage({ tests = false, bench = false }) {
  await installSystemPackages({ tests, bench });
  await installNodePackages();
  await buildWasm({ tests, bench });
  await buildWeb();
}
