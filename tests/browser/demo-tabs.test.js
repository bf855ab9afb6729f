import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startDemo, tabs, untilScored } from './demo-pages.js';

let demo;

before(async () => (demo = await startDemo()));
after(() => demo?.close());

/** The tab that is chosen, the panels that are seen, and the tabs that the Tab key reaches. */
const state = (page) =>
  page.evaluate(() => ({
    chosen: [...document.querySelectorAll('[role=tab][aria-selected=true]')].map(({ id }) => id.slice('tab-'.length)),
    seen: [...document.querySelectorAll('[role=tabpanel]')].filter((panel) => panel.checkVisibility()).map(({ id }) => id.slice('panel-'.length)),
    reachable: [...document.querySelectorAll('[role=tab]')].filter(({ tabIndex }) => tabIndex === 0).map(({ id }) => id.slice('tab-'.length)),
    hash: location.hash,
  }));

const only = (tab) => ({ chosen: [tab], seen: [tab], reachable: [tab], hash: `#${tab}` });

test('each tab has an address of its own, and a title', () =>
  demo.withDemo({}, async (page) => {
    for (const tab of tabs) {
      await page.goto(`${demo.address}#${tab}`);
      assert.deepEqual(await state(page), only(tab));
      assert.equal((await page.title()).toLowerCase(), `byteflow: ${tab}`);
    }
  }));

test('an address that names no tab opens the first', () =>
  demo.withDemo({ tab: 'no such tab' }, async (page) => {
    await untilScored(page);
    assert.deepEqual((await state(page)).seen, ['score']);
  }));

test('a click opens a tab, and the way back leads to the one before', () =>
  demo.withDemo({}, async (page) => {
    await page.click('#tab-bulk');
    await page.click('#tab-about');
    assert.deepEqual(await state(page), only('about'));
    await page.goBack();
    assert.deepEqual(await state(page), only('bulk'));
    await page.goForward();
    assert.deepEqual(await state(page), only('about'));
  }));

test('arrows, Home and End walk the tabs, round at both ends, without filling the history', () =>
  demo.withDemo({}, async (page) => {
    await untilScored(page);
    const length = await page.evaluate(() => history.length);
    await page.focus('#tab-score');
    for (const tab of [...tabs.slice(1), tabs[0]]) {
      await page.keyboard.press('ArrowRight');
      assert.deepEqual(await state(page), only(tab));
      assert.equal(await page.evaluate(() => document.activeElement.id), `tab-${tab}`);
    }
    await page.keyboard.press('ArrowLeft');
    assert.deepEqual(await state(page), only(tabs.at(-1)));
    await page.keyboard.press('Home');
    assert.deepEqual(await state(page), only(tabs[0]));
    await page.keyboard.press('End');
    assert.deepEqual(await state(page), only(tabs.at(-1)));
    assert.equal(await page.evaluate(() => history.length), length);
  }));

test('names and roles hang together', () =>
  demo.withDemo({}, async (page) => {
    const faults = await page.evaluate(() =>
      [...document.querySelectorAll('[role=tab]')].filter((tab) => {
        const panel = document.getElementById(tab.getAttribute('aria-controls'));
        return panel?.role !== 'tabpanel' || panel.getAttribute('aria-labelledby') !== tab.id || tab.closest('[role=tablist]') === null;
      }),
    );
    assert.equal(faults.length, 0);
  }));

test('a panel takes nothing before its script has come, nor keeps shut where it does not come', async () => {
  for (const answer of [(route) => route.continue(), (route) => route.abort()]) {
    let answered;
    const held = new Promise((resolve) => (answered = resolve));
    const context = await demo.browser.newContext({ serviceWorkers: 'block' });
    await context.route(/\/bulk-tab-[^/]*\.js$/, async (route) => (await held, answer(route)));
    const page = await context.newPage();
    await page.goto(`${demo.address}#bulk`);
    const isInert = () => page.evaluate(() => document.getElementById('panel-bulk').inert);
    assert.equal(await isInert(), true);
    answered();
    await page.waitForSelector('#panel-bulk:not([inert])');
    await context.close();
  }
});

/** Presses Tab until it has gone round; gives what had the focus, in order. */
async function walk(page) {
  await page.evaluate(() => document.activeElement.blur());
  const reached = [];
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.name || document.activeElement.textContent);
    if (reached[0] === at && presses > 0) break;
    reached.push(at);
  }
  return reached;
}

for (const [tab, targets] of Object.entries({
  score: ['text', 'label', 'backend', 'sample', 'quiet when-veiled'],
  bulk: ['file', 'pasted', 'bulk-start', 'bulk-sample', 'bulk-format'],
  bench: ['bench-start'],
})) {
  test(`the keyboard reaches all of ${tab}`, () =>
    demo.withDemo({ tab }, async (page) => {
      if (tab === 'score') await untilScored(page);
      const reached = await walk(page);
      for (const target of [`tab-${tab}`, ...targets]) assert(reached.includes(target), `${target} not among ${reached.join(', ')}`);
    }));
}

test('a file is scored by keyboard alone', () =>
  demo.withDemo({ tab: 'bulk' }, async (page) => {
    await page.focus('#pasted');
    await page.keyboard.type('a first comment\na second one');
    for (let presses = 0; presses < 5; presses++) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement.id)) === 'bulk-start') break;
    }
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('#rows tbody tr:not(.spacer)').length === 2);
    await page.focus('#rows th.text button');
    await page.keyboard.press('Space');
    await page.waitForFunction(() => document.querySelector('#rows th.text').ariaSort === 'ascending');
  }));
