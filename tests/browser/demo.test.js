import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from './chromium.js';
import { serve } from '../../tools/static-server.js';

const root = join(import.meta.dirname, '../..');
const dist = join(root, 'demo/dist');
const screenshots = join(root, 'build/screenshots');

let server;
let browser;

before(async () => {
  assert(existsSync(join(dist, 'index.html')), 'demo/dist is missing: build the demo first (npm run build)');
  mkdirSync(screenshots, { recursive: true });
  server = await serve(dist);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** Opens the demo, its first scores shown; after the check nothing may have been logged, thrown, or asked of another origin. */
async function withDemo(options, check) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => request.url().startsWith(server.address) || faults.push(`request to ${request.url()}`));
  await page.goto(server.address);
  await page.waitForSelector('[role=meter][aria-valuenow]');
  await check(page, context);
  assert.deepEqual(faults, []);
  await context.close();
}

const scores = (page) => page.$$eval('[role=meter]', (meters) => meters.map((meter) => [meter.ariaLabel, Number(meter.ariaValueNow)]));

/** Types a text and gives its scores: each keystroke is scored before the next event. */
async function scoresOf(page, text) {
  await page.fill('#text', '');
  await page.locator('#text').pressSequentially(text);
  const bytes = Buffer.byteLength(text);
  await page.waitForFunction((bytes) => document.getElementById('size').textContent.startsWith(`${bytes} byte`), bytes);
  return scores(page);
}

test('scores change while typing, offline too', () =>
  withDemo({}, async (page, context) => {
    assert.equal(page.workers().length, 1);
    const empty = await scores(page);
    await context.setOffline(true);
    const nice = await scoresOf(page, 'have a nice day');
    const more = await scoresOf(page, 'have a nice day 😀');
    assert.notDeepEqual(nice, empty);
    assert.notDeepEqual(more, nice);
    for (const [label, probability] of more) assert(probability >= 0 && probability <= 1, label);
    assert.match(await page.textContent('#time'), /^(under )?\d+\.\d ms on (relaxed|simd128|scalar)$/);
  }));

const marks = (page) => page.$$eval('#words mark', (found) => found.map((mark) => [mark.className, mark.textContent]));

test('the words that make a score are marked while typing, for the label that is chosen', () =>
  withDemo({}, async (page) => {
    await scoresOf(page, 'You are an idiot, 😀');
    await page.waitForFunction(() => document.getElementById('words').textContent === 'You are an idiot, 😀');
    assert((await marks(page)).some(([kind, word]) => kind === 'raises' && word === 'idiot,'));
    const before = await page.$eval('#words', (words) => words.innerHTML);
    const labels = await page.$$eval('#label option', (options) => options.map(({ value }) => value));
    assert.deepEqual(labels, await page.$$eval('.score', (rows) => rows.map((row) => row.dataset.label)));
    await page.selectOption('#label', 'threat');
    await page.waitForFunction((before) => document.getElementById('words').innerHTML !== before, before);
    await page.fill('#text', '');
    await page.waitForFunction(() => document.getElementById('words').textContent === '');
  }));

test('both backends show the same numbers', () =>
  withDemo({}, async (page) => {
    const shown = [];
    for (const backend of ['scalar', 'simd128']) {
      await page.check(`input[value=${backend}]`);
      await page.waitForFunction((backend) => document.getElementById('time').textContent.endsWith(backend), backend);
      shown.push(await scoresOf(page, 'You and your friend should think again.'));
    }
    assert.equal(page.workers().length, 1, 'the model that was replaced is gone');
    assert.deepEqual(shown[0], shown[1]);
  }));

test('a long text says that only its start is read', () =>
  withDemo({}, async (page) => {
    await page.fill('#text', 'a'.repeat(100_000));
    await page.waitForFunction(() => /^100,000 bytes; only the first \d+ are read$/.test(document.getElementById('size').textContent));
  }));

test('what may offend is blurred and hidden from screen readers until asked for', () =>
  withDemo({}, async (page) => {
    const rude = page.locator('.sample', { has: page.locator('.rude') }).first();
    assert.notEqual(await rude.locator('.rude').evaluate((text) => getComputedStyle(text).filter), 'none');
    assert.equal(await rude.locator('.rude').getAttribute('aria-hidden'), 'true');
    await rude.click();
    assert.equal(await page.$eval('#text', (box) => box.inert), true);
    await page.waitForFunction(() => document.querySelector('#words mark') !== null);
    assert.notEqual(await page.$eval('#words', (words) => getComputedStyle(words).filter), 'none');
    assert.equal(await page.getAttribute('#words', 'aria-hidden'), 'true');
    await page.screenshot({ path: join(screenshots, 'veiled.png'), fullPage: true });
    await page.click('.unveil');
    assert.equal(await page.$eval('#text', (box) => getComputedStyle(box).filter), 'none');
    assert.equal(await page.$eval('#words', (words) => getComputedStyle(words).filter), 'none');
    assert.equal(await page.locator('.rude[aria-hidden]').count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'text');
  }));

test('a text that was blurred is not shown while the next one is scored', () =>
  withDemo({}, async (page) => {
    const seen = await page.evaluate(async () => {
      const words = document.getElementById('words');
      const [rude, clean] = [document.querySelector('.sample:has(.rude)'), document.querySelector('.sample')];
      const seen = [];
      new MutationObserver(() => seen.push([words.textContent, words.classList.contains('rude')])).observe(words, { childList: true, attributes: true });
      const until = async (holds) => {
        while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      const textOf = (sample) => sample.querySelector('span').textContent;
      rude.click();
      clean.click(); // before the first one's words have come
      await until(() => words.textContent === textOf(clean));
      rude.click();
      await until(() => words.textContent === textOf(rude));
      clean.click(); // after
      await until(() => words.textContent === textOf(clean));
      return seen.filter(([text]) => text === textOf(rude));
    });
    assert(seen.length > 0);
    for (const [, isCovered] of seen) assert(isCovered);
  }));

test('the keyboard reaches the box, the examples and the backends', () =>
  withDemo({}, async (page) => {
    const reached = new Set();
    for (let presses = 0; presses < 12; presses++) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.name));
    }
    for (const target of ['text', 'label', 'sample', 'quiet', 'backend']) assert(reached.has(target), target);
  }));

test('the model card is served', () =>
  withDemo({}, async (page) => {
    await page.click('text=the model card');
    await page.waitForSelector('main.card h1');
    await page.screenshot({ path: join(screenshots, 'card.png'), fullPage: true });
  }));

for (const [name, options] of Object.entries({
  light: { viewport: { width: 1100, height: 900 }, colorScheme: 'light', reducedMotion: 'reduce' },
  dark: { viewport: { width: 1100, height: 900 }, colorScheme: 'dark', reducedMotion: 'reduce' },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: 'light', reducedMotion: 'reduce', deviceScaleFactor: 2 },
})) {
  test(`no sideways scrolling: ${name}`, () =>
    withDemo(options, async (page) => {
      await scoresOf(page, 'I think this paragraph is stupid, but thank you for the nice source.');
      const { scroll, client } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
      assert(scroll <= client, `${scroll} px of content in a window of ${client} px`);
      await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
    }));
}
