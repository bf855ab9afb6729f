// The same numbers in Chromium, on every backend that it runs: the fingerprints of small models are the reference's, those of the released models are what Node makes of them.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test as register } from 'node:test';
import { pathToFileURL } from 'node:url';
import { loadClassifier, loadGenerator } from 'byteflow';
import { start } from './pages.js';

const test = (name, check) => register(name, { timeout: 120_000 }, check);
const golden = join(import.meta.dirname, '../golden');
const released = join(import.meta.dirname, '../../models');

let browser;

before(async () => (browser = await start()));
after(() => browser?.close());

/** What Chromium makes of a model file: { backend: fingerprint }. */
async function fingerprintsOf(file) {
  const page = await browser.open({ answers: { '/of.byteflow': (route) => route.fulfill({ path: file }) } });
  const found = await page.evaluate(async () => {
    const load = (options) =>
      byteflow.loadClassifier('of.byteflow', options).catch((error) => {
        if (error.code !== 'invalid-argument') throw error;
        return byteflow.loadGenerator('of.byteflow', options); // it is of the other kind
      });
    const fingerprints = {};
    for (const backend of byteflow.backends.filter(byteflow.isSupported)) {
      const model = await load({ backend }).catch((error) => {
        if (error.code !== 'unsupported') throw error; // relaxed SIMD that is not exact
      });
      if (model === undefined) continue;
      fingerprints[backend] = await model.fingerprint();
      model.dispose();
    }
    return fingerprints;
  });
  await page.context().close();
  return found;
}

async function check(t, file, expected) {
  const found = await fingerprintsOf(file);
  const backends = Object.keys(found);
  t.diagnostic(backends.join(', '));
  assert(backends.includes('scalar') && backends.includes('simd128'), backends.join());
  assert.deepEqual(found, Object.fromEntries(backends.map((backend) => [backend, expected])));
}

for (const line of readFileSync(join(golden, 'fingerprints'), 'utf8').trimEnd().split('\n')) {
  const [name, expected] = line.split(' ');
  test(`${name}: the reference's fingerprint on every backend`, (t) => check(t, join(golden, `${name}.byteflow`), expected));
}

for (const name of ['', 'family/'].flatMap((folder) => readdirSync(join(released, folder)).map((file) => folder + file)).filter((file) => file.endsWith('.byteflow'))) {
  test(`models/${name}: Node's fingerprint on every backend`, async (t) => {
    const url = pathToFileURL(join(released, name));
    const model = await loadClassifier(url).catch(() => loadGenerator(url));
    await check(t, join(released, name), await model.fingerprint());
    model.dispose();
  });
}
