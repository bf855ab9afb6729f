// npm run screenshots: pictures of every tab of the demo, on a desktop and on a phone, in light and in dark, for docs/screenshots. `npm run screenshots -- FOLDER png` puts
// pictures without loss elsewhere.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from '../tests/browser/chromium.js';
import { makePackage } from './package.js';
import { inRoot, root } from './paths.js';
import { serve } from './static-server.js';
import { command } from './steps.js';

const [folder = 'docs/screenshots', format = 'webp'] = process.argv.slice(2);

const screens = {
  desktop: { viewport: { width: 1280, height: 860 } },
  phone: { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};

// Of 100: letters stay clear, and all pictures together stay far below 1.5 MB.
const quality = 70;

/** What there is to see in each tab: each gives what to wait for. */
const scenes = {
  async score(page) {
    await page.fill('#text', 'Thank you for the map, but the second paragraph is stupid and you know it.');
    await page.waitForFunction(() => document.querySelector('#words mark') !== null);
  },
  async rewrite(page) {
    if (!(await hasModel(page, 'rewrite'))) return;
    await page.fill('#rude', 'I do not give a damn about your excuses.');
    await page.click('#rewrite-start');
    await page.waitForSelector('.candidate');
  },
  async correct(page) {
    if (!(await hasModel(page, 'correct'))) return;
    await page.click('#correct-sample');
    await page.waitForFunction(() => document.querySelectorAll('#corrections li').length > 3);
    await page.focus('#draft');
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' And brign');
    await page.waitForSelector('#strip button');
  },
  async bulk(page) {
    await page.click('#bulk-sample');
    await page.waitForFunction(() => document.getElementById('bulk-announce').textContent.startsWith('Done'), undefined, { timeout: 120_000 });
    await page.click('#rows th.label button');
    await page.waitForFunction(() => document.querySelector('#rows th.label').ariaSort === 'descending');
    await page.waitForTimeout(500);
    await page.evaluate(() => document.getElementById('bulk-progress').scrollIntoView());
    await page.evaluate(() => scrollBy(0, -100));
  },
  async bench(page) {
    await page.click('#bench-start');
    await page.waitForFunction(() => /^Done/.test(document.getElementById('bench-status').textContent), undefined, { timeout: 240_000 });
  },
  async about(page) {
    await page.waitForFunction(() => document.querySelectorAll('#requests tr').length > 3);
  },
};

/** Whether this build has the model of a tab, or says that it has not. */
async function hasModel(page, tab) {
  await page.waitForFunction((id) => document.getElementById(id).hidden || document.getElementById(id).textContent.startsWith('This build'), `${tab}-notice`);
  return page.isVisible(`#${tab}-work`);
}

async function take(page, file) {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format, ...(format === 'png' ? {} : { quality }) });
  writeFileSync(file, Buffer.from(data, 'base64'));
  await session.detach();
}

await command(async () => {
  await makePackage({}); // Chromium comes with `npm test`; where it is missing, its absence is named
  mkdirSync(join(root, folder), { recursive: true });
  const server = await serve(inRoot('demo/dist'));
  const browser = await launch();
  for (const [screen, options] of Object.entries(screens)) {
    const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
    for (const [tab, prepare] of Object.entries(scenes)) {
      const page = await context.newPage();
      await page.goto(`${server.address}#${tab}`);
      await page.waitForFunction(() => document.getElementById('offline-state').dataset.state === 'ready');
      await prepare(page);
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(300); // charts are drawn anew
        await take(page, join(root, folder, `${tab}-${screen}-${colorScheme}.${format}`));
      }
      process.stdout.write(`${tab}, ${screen}\n`);
      await page.close();
    }
    await context.close();
  }
  await browser.close();
  server.close();
});
