// What everybody can use: axe finds nothing in any tab, filled or not, in either scheme, and no tab is wider than a phone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertNoSidewaysScroll, startDemo, tabs, untilScored } from './demo-pages.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let demo;

before(async () => (demo = await startDemo()));
after(() => demo?.close());

/** What axe finds, a line each. */
async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => (await globalThis.axe.run()).violations);
  return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`));
}

/** Fills a tab with what it shows in use. */
const fill = {
  async score(page) {
    await untilScored(page);
    await page.fill('#text', 'Thank you, you stupid idiot.');
    await page.waitForFunction(() => document.querySelector('#words mark') !== null);
  },
  async rewrite(page) {
    await page.fill('#rude', 'You are a stupid idiot.');
    await page.click('#rewrite-start');
    await page.waitForSelector('.candidate');
    await page.waitForSelector('#rewrite-start:visible');
    await page.click('.candidate button');
    await page.click('#rude-samples .sample');
  },
  async correct(page) {
    await page.click('#correct-sample');
    await page.waitForSelector('#corrections li');
    await page.focus('#draft');
    await page.keyboard.press('End');
    await page.keyboard.type(' wrod');
    await page.waitForSelector('#strip button');
  },
  async bulk(page) {
    await page.fill('#pasted', `${'a quite ordinary comment\n'.repeat(60)}you are a stupid idiot`);
    await page.click('#bulk-start');
    await page.waitForFunction(() => document.getElementById('bulk-announce').textContent.startsWith('Done'));
    await page.waitForFunction(() => document.querySelector('#rows tbody tr:not(.spacer)') !== null);
  },
  async bench(page) {
    await page.click('#bench-start');
    await page.waitForSelector('#lengths-table td', { timeout: 120_000 });
    await page.click('#bench-stop');
  },
  async about(page) {
    for (const summary of await page.$$('#panel-about summary')) await summary.click();
    await page.waitForFunction(() => document.querySelectorAll('#requests tr').length > 1);
  },
};

// Small models in place of the bundled ones: what they write is nonsense, but they are always there.
const query = '?civil-rewrite=small.byteflow&autocorrect=small.byteflow';
const answers = { '/small.byteflow': (route) => route.fulfill({ path: join(import.meta.dirname, '../golden/generators/small.byteflow') }) };

for (const tab of tabs) {
  test(`axe finds nothing in ${tab}, and nothing is wider than a phone`, () =>
    demo.withDemo({ tab, query, answers, viewport: { width: 1200, height: 900 } }, async (page) => {
      for (const isFilled of [false, true]) {
        if (isFilled) await fill[tab]?.(page);
        for (const colorScheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme });
          assert.deepEqual(await violations(page), [], `${colorScheme}, ${isFilled ? 'in use' : 'just opened'}`);
        }
        for (const width of [360, 540, 800]) {
          await page.setViewportSize({ width, height: 740 });
          await page.waitForTimeout(100); // charts follow
          await assertNoSidewaysScroll(page, `${width} px, ${isFilled ? 'in use' : 'just opened'}`);
          if (width === 360) assert.deepEqual(await violations(page), [], 'on a phone');
        }
        await page.setViewportSize({ width: 1200, height: 900 });
      }
    }));
}
