// The TypeScript builds: the package, then the demo that uses it.
import { readdirSync } from 'node:fs';
import { inRoot } from './paths.js';
import { unlessStamped } from './stamps.js';
import { step } from './steps.js';

const advice = 'the compiler says why in the log';

export async function buildWeb() {
  const models = readdirSync(inRoot('models')).filter((name) => /\.(byteflow|md)$/.test(name)).map((name) => `models/${name}`);
  const packageInputs = ['web/src', 'web/build.js', 'web/package.json', 'core/src/model/model.fbs', 'package-lock.json', ...models];
  await step('package', advice, (run) =>
    unlessStamped('web/dist/.stamp', packageInputs, {}, () => run('npm', ['run', 'build', '--workspace', 'web'])),
  );
  await step('demo', advice, (run) =>
    unlessStamped('demo/dist/.stamp', ['demo', 'web/wasm', ...packageInputs], {}, () => run('npm', ['run', 'build', '--workspace', 'demo'])),
  );
}
