import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startDemo, untilScored } from './demo-pages.js';

let demo;

before(async () => (demo = await startDemo()));
after(() => demo?.close());

/** Opens the tab, its first scores shown. */
const withScores = (check) =>
  demo.withDemo({}, async (page, context) => {
    await untilScored(page);
    await check(page, context);
  });

const scores = (page) => page.$$eval('#scores [role=meter]', (meters) => meters.map((meter) => [meter.ariaLabel, Number(meter.ariaValueNow)]));

/** Types a text and gives its scores: each keystroke is scored before the next event. */
async function scoresOf(page, text) {
  await page.fill('#text', '');
  await page.locator('#text').pressSequentially(text);
  const bytes = Buffer.byteLength(text);
  await page.waitForFunction((bytes) => document.getElementById('size').textContent.startsWith(`${bytes} byte`), bytes);
  return scores(page);
}

test('scores change while typing, offline too', () =>
  withScores(async (page, context) => {
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

test('a sentence says what the scores come to, in the colour of the bars that count', () =>
  withScores(async (page) => {
    assert.equal(await page.textContent('#verdict'), 'Nothing to read yet');
    await scoresOf(page, 'You are a stupid idiot.');
    assert.match(await page.textContent('#verdict'), /^Above the threshold: .*toxicity/);
    assert((await page.$$eval('.label-score:has(.likely)', (rows) => rows.map((row) => row.dataset.label))).includes('toxicity'));
    await page.waitForFunction(() => /^Above the threshold: .*\. Highest: .*%$/.test(document.getElementById('summary').textContent));
    await scoresOf(page, 'Thank you for the careful edit.');
    assert.equal(await page.textContent('#verdict'), 'Below every threshold');
    assert.equal(await page.locator('.meter.likely').count(), 0);
  }));

const marks = (page) => page.$$eval('#words mark', (found) => found.map((mark) => [mark.className, mark.textContent]));

test('the words that make a score are marked while typing, for the label that is chosen', () =>
  withScores(async (page) => {
    await scoresOf(page, 'You are an idiot, 😀');
    await page.waitForFunction(() => document.getElementById('words').textContent === 'You are an idiot, 😀');
    assert((await marks(page)).some(([kind, word]) => kind === 'raises' && word === 'idiot,'));
    const before = await page.$eval('#words', (words) => words.innerHTML);
    const labels = await page.$$eval('#label option', (options) => options.map(({ value }) => value));
    assert.deepEqual(labels, await page.$$eval('.label-score', (rows) => rows.map((row) => row.dataset.label)));
    await page.selectOption('#label', 'threat');
    await page.waitForFunction((before) => document.getElementById('words').innerHTML !== before, before);
    await page.fill('#text', '');
    await page.waitForFunction(() => document.getElementById('words').textContent === '');
  }));

test('both backends show the same numbers', () =>
  withScores(async (page) => {
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
  withScores(async (page) => {
    await page.fill('#text', 'a'.repeat(100_000));
    await page.waitForFunction(() => /^100,000 bytes; only the first \d+ are read$/.test(document.getElementById('size').textContent));
  }));

test('what may offend is blurred and hidden from screen readers until asked for', () =>
  withScores(async (page) => {
    const rude = page.locator('.sample', { has: page.locator('.rude') }).first();
    assert.notEqual(await rude.locator('.rude').evaluate((text) => getComputedStyle(text).filter), 'none');
    assert.equal(await rude.locator('.rude').getAttribute('aria-hidden'), 'true');
    await rude.click();
    assert.equal(await page.$eval('#text', (box) => box.inert), true);
    await page.waitForFunction(() => document.querySelector('#words mark') !== null);
    assert.notEqual(await page.$eval('#words', (words) => getComputedStyle(words).filter), 'none');
    assert.equal(await page.getAttribute('#words', 'aria-hidden'), 'true');
    await page.click('.score .unveil');
    assert.equal(await page.$eval('#text', (box) => getComputedStyle(box).filter), 'none');
    assert.equal(await page.$eval('#words', (words) => getComputedStyle(words).filter), 'none');
    assert.equal(await page.locator('.rude[aria-hidden]').count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'text');
  }));

test('a text that was blurred is not shown while the next one is scored', () =>
  withScores(async (page) => {
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

test('a model that cannot be had is said so, and the other tabs work', async () => {
  const context = await demo.browser.newContext();
  await context.route(/toxicity-.*\.byteflow$/, (route) => route.fulfill({ status: 404, body: 'gone' }));
  const page = await context.newPage();
  await page.goto(demo.address);
  await page.waitForSelector('#panel-score [role=alert]:not([hidden])');
  assert.match(await page.textContent('#panel-score [role=alert]:not([hidden])'), /toxicity.*(404|not found)/i);
  await page.click('#tab-about');
  assert(await page.isVisible('#left'));
  await context.close();
});
