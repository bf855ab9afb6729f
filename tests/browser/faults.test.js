// What can go wrong around a page: files of two versions, a service worker that is replaced, a cache that lost half a file, a line that breaks.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadClassifier } from 'byteflow';
import { smallModelBytes, smallModelUrl } from '../web/models.js';
import { start } from './pages.js';

const packageFolder = join(import.meta.dirname, '../../web');
const integrity = `sha256-${createHash('sha256').update(smallModelBytes()).digest('base64')}`;
const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));

let browser;
let expected; // fingerprint of the small model

before(async () => {
  browser = await start();
  expected = await (await loadClassifier(smallModelUrl)).fingerprint();
});
after(() => browser?.close());

/** Calls `check` with a page, in which `fingerprint(options, source)` loads, asks, and gives the fingerprint or the code of an error. */
async function withPage(answers, check) {
  const page = await browser.open({ answers });
  await page.evaluate(() => {
    globalThis.fingerprint = async (options, entry = byteflow) => {
      const { value, code } = await outcome(entry.loadClassifier(model, options).then((classifier) => classifier.fingerprint().finally(() => classifier.dispose())));
      return value ?? code;
    };
  });
  try {
    await check(page);
  } finally {
    await page.context().close();
  }
}

/** Answers for a copy of the package at /other/, whose version is another. */
function otherVersion() {
  const answers = {};
  const text = (path) => readFileSync(join(packageFolder, path), 'utf8').replaceAll(`"${version}"`, '"9.0.0"');
  for (const path of ['dist/index.js', 'dist/worker.js']) answers[`/other/${path}`] = (route) => route.fulfill({ contentType: 'text/javascript', body: text(path) });
  for (const backend of ['scalar', 'simd128', 'relaxed']) {
    answers[`/other/wasm/byteflow-${backend}.mjs`] = (route) => route.fulfill({ contentType: 'text/javascript', body: readFileSync(join(packageFolder, `wasm/byteflow-${backend}.mjs`)) });
    answers[`/other/wasm/byteflow-${backend}.wasm`] = (route) => {
      const wasm = readFileSync(join(packageFolder, `wasm/byteflow-${backend}.wasm`));
      const at = wasm.indexOf(`${version} ${backend}`);
      wasm.write('9.0.0', at, 'latin1');
      return route.fulfill({ contentType: 'application/wasm', body: wasm });
    };
  }
  return answers;
}

test('two versions of the package in one page work side by side, in workers and in the page', () =>
  withPage(otherVersion(), async (page) => {
    const found = await page.evaluate(async () => {
      const other = await import('/other/dist/index.js');
      const calls = [byteflow, other].flatMap((entry) => [true, false].map((worker) => fingerprint({ worker }, entry)));
      return Promise.all(calls);
    });
    assert.deepEqual(found, Array(4).fill(expected));
  }));

test("one version's scripts with the WebAssembly file of another is an error that names both, and the next load works", () => {
  let mixed = true;
  const answers = otherVersion();
  const foreign = answers['/other/wasm/byteflow-scalar.wasm'];
  return withPage({ '/wasm/byteflow-scalar.wasm': (route) => (mixed ? foreign(route) : route.fallback()) }, async (page) => {
    for (const worker of [true, false]) assert.equal(await page.evaluate((worker) => fingerprint({ worker, backend: 'scalar' }), worker), 'bad-wasm');
    mixed = false;
    for (const worker of [true, false]) assert.equal(await page.evaluate((worker) => fingerprint({ worker, backend: 'scalar' }), worker), expected);
  });
});

for (const worker of [true, false]) {
  test(`a cached file that was cut is thrown away, and read anew ${worker ? 'in a worker' : 'in the page'}`, () =>
    withPage({}, async (page) => {
      const load = () => page.evaluate((options) => fingerprint(options), { worker, integrity, cache: true });
      assert.equal(await load(), expected);
      for (const length of [0, 7, 5_000]) {
        await page.evaluate(async (length) => {
          const cache = await caches.open('byteflow');
          for (const key of await cache.keys()) {
            const whole = await (await cache.match(key)).arrayBuffer();
            await cache.put(key, new Response(whole.slice(0, length)));
          }
        }, length);
        assert.equal(await load(), expected);
      }
    }));

  test(`a line that breaks is a network error, and the next load works ${worker ? 'in a worker' : 'in the page'}`, () => {
    let broken = true;
    return withPage({ '/wide.byteflow': (route) => (broken ? route.abort('connectionreset') : route.fulfill({ body: Buffer.from(smallModelBytes()) })) }, async (page) => {
      const load = () => page.evaluate((worker) => fingerprint({ worker }), worker);
      assert.equal(await load(), 'network');
      broken = false;
      assert.equal(await load(), expected);
    });
  });
}

test('a service worker that is replaced during use takes nothing from what is loaded, and the next load works', () => {
  // Each keeps a cache of its own and deletes those of others, as a build with hashed names does.
  const serviceWorker = (name) => `
    import { precache } from './dist/index.js';
    addEventListener('install', (event) => {
      skipWaiting();
      event.waitUntil(caches.open('${name}').then((cache) => cache.addAll(['/page.html', ...precache({ models: ['wide.byteflow'] })])));
    });
    addEventListener('activate', (event) => event.waitUntil((async () => {
      for (const other of await caches.keys()) if (other !== '${name}') await caches.delete(other);
      await clients.claim();
    })()));
    addEventListener('fetch', (event) => event.respondWith(caches.open('${name}').then((cache) => cache.match(event.request)).then((kept) => kept ?? fetch(event.request))));`;
  // An address each: the browser's own question for an update goes past Playwright.
  const answers = Object.fromEntries(['first', 'second'].map((name) => [`/${name}.js`, (route) => route.fulfill({ contentType: 'text/javascript', body: serviceWorker(name) })]));
  return withPage(answers, async (page) => {
    const replacedBy = (name) =>
      page.evaluate(async (name) => {
        const changed = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
        await navigator.serviceWorker.register(`/${name}.js`, { type: 'module' });
        await changed;
        return navigator.serviceWorker.controller.scriptURL;
      }, name);
    assert.match(await replacedBy('first'), /first\.js$/);
    await page.evaluate(async () => {
      globalThis.standing = await Promise.all([true, false].map((worker) => byteflow.loadClassifier(model, { worker })));
      globalThis.underWay = standing.map((classifier) => classifier.score(Array(2_000).fill('over and over')));
    });
    assert.match(await replacedBy('second'), /second\.js$/);
    const found = await page.evaluate(async () => {
      const counts = (await Promise.all(underWay)).map((scores) => scores.length);
      // Without `outcome` and its patience: Chromium can take five seconds to hand a new worker its script while one service worker replaces another.
      const later = await Promise.all([true, false].map((worker) => byteflow.loadClassifier(model, { worker })));
      const fingerprints = (classifiers) => Promise.all(classifiers.map((classifier) => classifier.fingerprint()));
      return [counts, await fingerprints(standing), await fingerprints(later), later.map(({ inWorker }) => inWorker)];
    });
    assert.deepEqual(found, [[2_000, 2_000], [expected, expected], [expected, expected], [true, false]]);
  });
});
