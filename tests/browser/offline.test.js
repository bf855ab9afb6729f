import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadClassifier } from 'byteflow';
import { build } from 'rolldown';
import { bits, smallModel, smallModelUrl } from '../web/models.js';
import { start } from './pages.js';

const text = 'Ünïcödé, 漢字 and a lone \ud83d surrogate';

let browser;

before(async () => (browser = await start()));
after(() => browser?.close());

test('what precache() lists is all that a page needs offline', async () => {
  const serviceWorker = `
    import { precache } from './dist/index.js';
    addEventListener('install', (event) => event.waitUntil(caches.open('app').then((cache) => cache.addAll(['/page.html', ...precache({ models: ['wide.byteflow'] })]))));
    addEventListener('activate', (event) => event.waitUntil(clients.claim()));
    addEventListener('fetch', (event) => event.respondWith(caches.match(event.request).then((kept) => kept ?? Response.error())));`;
  const page = await browser.open({ answers: { '/sw.js': (route) => route.fulfill({ contentType: 'text/javascript', body: serviceWorker }) } });
  await page.evaluate(async () => {
    const controlled = new Promise((resolve) => (navigator.serviceWorker.oncontrollerchange = resolve));
    await navigator.serviceWorker.register('/sw.js', { type: 'module' });
    await controlled;
  });
  await page.context().setOffline(true);
  await page.reload();
  for (const worker of [true, false]) {
    const result = await page.evaluate(async ({ entry, worker, text }) => {
      const { loadClassifier } = await import(entry);
      const classifier = await loadClassifier('wide.byteflow', { worker });
      return [classifier.inWorker, await classifier.score(text)];
    }, { entry: `${browser.address}dist/index.js`, worker, text });
    assert.deepEqual(result, [worker, await (await loadClassifier(smallModelUrl)).score(text)]);
  }
  await page.context().close();
});

test('the inline entry runs as one classic script from the file system, with no request', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'byteflow-'));
  const program = `
    import { loadClassifier } from 'byteflow/inline';
    import bytes from ${JSON.stringify(smallModel)};
    globalThis.run = async (text) => {
      const results = [];
      for (const backend of ['scalar', 'simd128']) {
        const classifier = await loadClassifier(bytes, { backend });
        results.push([classifier.inWorker, classifier.backend, [...(await classifier.logits(text))]]);
      }
      return results;
    };
    globalThis.runBundled = () => loadClassifier('toxicity').catch(({ code, message }) => ({ code, message }));`;
  writeFileSync(join(folder, 'program.js'), program);
  writeFileSync(join(folder, 'page.html'), '<!doctype html><meta charset="utf-8"><title>Test</title><script src="bundle.js"></script>');
  await build({
    input: join(folder, 'program.js'),
    resolve: { alias: { 'byteflow/inline': fileURLToPath(import.meta.resolve('byteflow/inline')) } },
    moduleTypes: { '.byteflow': 'binary' },
    output: { file: join(folder, 'bundle.js'), format: 'iife' },
    logLevel: 'silent',
  });

  const page = await browser.browser.newPage();
  const requests = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname.split('/').at(-1)));
  await page.goto(pathToFileURL(join(folder, 'page.html')).href);
  const logits = bits(await (await loadClassifier(smallModelUrl)).logits(text));
  for (const [inWorker, backend, result] of await page.evaluate((text) => run(text), text)) {
    assert.equal(inWorker, false);
    assert.equal(bits(result), logits, backend);
  }
  const fault = await page.evaluate(() => runBundled());
  assert.equal(fault.code, 'not-found');
  assert.match(fault.message, /pass a URL or the bytes/);
  assert.deepEqual(requests, ['page.html', 'bundle.js']);
  await page.close();
  rmSync(folder, { recursive: true });
});
