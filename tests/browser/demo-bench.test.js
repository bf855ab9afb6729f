import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startDemo } from './demo-pages.js';

let demo;

before(async () => (demo = await startDemo()));
after(() => demo?.close());

const status = (page) => page.textContent('#bench-status');

test('each backend that can run is timed at each length, and all give the same bits', () =>
  demo.withDemo({ tab: 'bench', permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
    await page.click('#bench-start');
    await page.waitForFunction(() => document.getElementById('bench-status').textContent.startsWith('Done'), undefined, { timeout: 240_000 });
    const backends = await page.$$eval('#rates li strong', (names) => names.map(({ textContent }) => textContent));
    assert.deepEqual(backends, ['relaxed', 'simd128', 'scalar']);
    const columns = await page.$$eval('#lengths-table thead th', (cells) => cells.map(({ textContent }) => textContent));
    assert(columns.includes('simd128, ms') && columns.includes('scalar, ms'));
    const cells = await page.$$eval('#lengths-table td', (cells) => cells.map(({ textContent }) => Number(textContent.replaceAll(',', ''))));
    assert.equal(cells.length, 6 * (columns.length - 1));
    assert(cells.every((time) => time > 0));
    assert.match(await page.textContent('#bench-bits'), /^All outputs of these [23] backends are the same, bit by bit\.$/);
    assert.equal(page.workers().length, 0, 'no model stays behind');

    await page.click('#bench-copy');
    await page.waitForFunction(() => document.getElementById('bench-status').textContent === 'Copied');
    const report = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
    assert.equal(report.results.length, 3);
    assert.match(report.machine.engine, /^Chrome/);
  }));

test('it can be stopped, and run again', () =>
  demo.withDemo({ tab: 'bench' }, async (page) => {
    for (let times = 0; times < 2; times++) {
      await page.click('#bench-start');
      await page.waitForFunction(() => document.getElementById('bench-bar').value > 0);
      await page.click('#bench-stop');
      await page.waitForFunction(() => document.getElementById('bench-status').textContent === 'Stopped');
      assert(await page.isVisible('#bench-start'));
      assert.equal(await page.isVisible('#bench-problem'), false);
    }
    assert.equal(await status(page), 'Stopped');
  }));
