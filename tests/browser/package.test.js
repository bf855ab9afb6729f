import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { backends, loadClassifier } from 'byteflow';
import { serve } from '../../tools/static-server.js';
import { launch } from './chromium.js';

const root = join(import.meta.dirname, '../..');
const model = new Uint8Array(readFileSync(join(root, 'tests/golden/wide.byteflow')));
const text = 'Ünïcödé, 漢字 and a lone \ud83d surrogate';

let server;
let browser;

before(async () => {
  server = await serve(join(root, 'web'));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** Runs in the browser. */
async function logitsIn({ entry, model, backend, text }) {
  const { loadClassifier } = await import(entry);
  const classifier = await loadClassifier(Uint8Array.from(model), { backend });
  return [...(await classifier.logits(text))];
}

for (const backend of backends) {
  test(`without a bundler, a page on ${backend} computes Node's bits`, async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}README.md`);
    const inPage = await page.evaluate(logitsIn, { entry: `${server.address}dist/index.js`, model: [...model], backend, text });
    const inNode = await (await loadClassifier(model, { backend })).logits(text);
    assert.deepEqual(inPage, [...inNode]);
    await page.close();
  });
}
