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

/** Runs in the browser. Gives the logits, or the code of the error. */
async function logitsIn({ entry, model, backend, text }) {
  const { loadClassifier } = await import(entry);
  const classifier = await loadClassifier(Uint8Array.from(model), { backend }).catch(({ code }) => code);
  return typeof classifier === 'string' ? classifier : [...(await classifier.logits(text))];
}

for (const backend of [...backends, undefined]) {
  test(`without a bundler, a page on ${backend ?? 'its best backend'} computes Node's bits`, async (t) => {
    const page = await browser.newPage();
    await page.goto(`${server.address}README.md`);
    const inPage = await page.evaluate(logitsIn, { entry: `${server.address}dist/index.js`, model: [...model], backend, text });
    if (backend === 'relaxed' && inPage === 'unsupported') return t.skip('relaxed SIMD is not exact on this machine');
    const inNode = await (await loadClassifier(model)).logits(text);
    assert.deepEqual(inPage, [...inNode]);
    await page.close();
  });
}
