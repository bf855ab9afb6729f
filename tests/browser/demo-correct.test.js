import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test as register } from 'node:test';
import { build } from 'rolldown';
import { hasModel, startDemo } from './demo-pages.js';

const source = join(import.meta.dirname, '../../demo/src/correct/correct-tab.ts');

const test = (name, check, options = {}) => register(name, { timeout: 60_000, ...options }, check);

let demo;
let tabScript;

before(async () => {
  demo = await startDemo();
  const { output } = await build({ input: source, output: { format: 'iife', name: 'correct' }, external: [], write: false, logLevel: 'silent', transform: { define: { 'import.meta.url': '"https://test.invalid/"' } } });
  tabScript = output[0].code;
});
after(() => demo?.close());

/**
 * Opens the tab with a speller that has read no book: it knows these words, and answers when it is told to. So what is tested is the tab, not the model.
 */
async function withSpeller(check) {
  const context = await demo.browser.newContext({ serviceWorkers: 'block', reducedMotion: 'reduce' });
  await context.route(/\/autocorrect[^/]*\.byteflow$/, (route) => route.fulfill({ status: 404, body: 'gone' }));
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(`${demo.address}#correct`);
  await page.waitForFunction(() => document.getElementById('correct-notice').textContent.startsWith('This build'));
  await page.evaluate(`${tabScript}; globalThis.correct = correct`);
  await page.evaluate(() => {
    const known = { teh: ['the', 'ten', 'tea'], recieved: ['received'], hte: ['the'], thankyou: ['thank you'], Teh: ['the'], naïv: ['naïve'] };
    globalThis.asked = [];
    globalThis.gate = Promise.resolve();
    const candidates = async (word) => {
      asked.push(word);
      await gate;
      return (known[word] ?? [word]).map((text, i) => ({ text, score: -i, complete: true }));
    };
    document.getElementById('correct-work').hidden = false;
    new correct.CorrectTab({ candidates });
  });
  await check(page);
  assert.deepEqual(faults, []);
  await context.close();
}

const text = (page) => page.inputValue('#draft');
const until = (page, wanted) => page.waitForFunction((wanted) => document.getElementById('draft').value === wanted, wanted);
const caret = (page) => page.$eval('#draft', (box) => [box.selectionStart, box.selectionEnd]);
const list = (page) => page.$$eval('#corrections .was', (items) => items.map(({ textContent }) => textContent));
const type = (page, keys) => page.locator('#draft').pressSequentially(keys);

test('a word is put right when it has been ended, not before', () =>
  withSpeller(async (page) => {
    await type(page, 'teh');
    await page.waitForFunction(() => document.querySelectorAll('#strip button').length === 4);
    assert.equal(await text(page), 'teh');
    await type(page, ' ');
    await until(page, 'the ');
    assert.deepEqual(await caret(page), [4, 4]);
    assert.deepEqual(await list(page), ['teh → the']);
    assert.equal(await page.textContent('#echo .put-right'), 'the');
    await type(page, 'Teh hte, ');
    await until(page, 'the The the, ');
    assert.deepEqual(await list(page), ['hte → the', 'Teh → The', 'teh → the']);
    assert.equal(await page.textContent('#correct-summary'), 'hte is now the');
  }));

test('what the model says late finds its word, although the writer has gone on', () =>
  withSpeller(async (page) => {
    await page.evaluate(() => void (globalThis.gate = new Promise((resolve) => (globalThis.open = resolve)))); // void: else it waits for the gate
    await type(page, 'I recieved teh map, ');
    await page.keyboard.press('Home');
    await type(page, 'Yes: ');
    await page.evaluate(() => open());
    await until(page, 'Yes: I received the map, ');
    assert.deepEqual(await caret(page), [5, 5]);
    assert.deepEqual(await page.$$eval('#echo .put-right', (spans) => spans.map(({ textContent }) => textContent)), ['received', 'the']);
  }));

test('a word that was changed or deleted meanwhile is left alone', () =>
  withSpeller(async (page) => {
    await page.evaluate(() => void (globalThis.gate = new Promise((resolve) => (globalThis.open = resolve)))); // void: else it waits for the gate
    await type(page, 'teh hte ');
    for (let presses = 0; presses < 4; presses++) await page.keyboard.press('Backspace');
    await page.keyboard.press('Home');
    await type(page, 'a');
    await page.evaluate(() => open());
    await page.waitForTimeout(200);
    assert.equal(await text(page), 'ateh ');
    assert.deepEqual(await list(page), []);
  }));

test('another candidate can be chosen, and what was typed can be kept; it is kept from then on', () =>
  withSpeller(async (page) => {
    await type(page, 'teh cat ');
    await until(page, 'the cat ');
    await page.click('#corrections button:text-is("tea")');
    await until(page, 'tea cat ');
    assert.deepEqual(await list(page), ['teh → tea']);
    await page.click('#corrections .undo');
    await until(page, 'teh cat ');
    assert.deepEqual(await list(page), []);
    await page.focus('#draft');
    await page.keyboard.press('End');
    await type(page, 'teh end ');
    await page.waitForTimeout(200);
    assert.equal(await text(page), 'teh cat teh end ');
    assert.equal(await page.textContent('#correct-summary'), 'teh stays');
  }));

test("the browser's own undo takes a correction back, and it is not made again", () =>
  withSpeller(async (page) => {
    await type(page, 'teh ');
    await until(page, 'the ');
    await page.keyboard.press('Control+z');
    await until(page, 'teh ');
    await page.waitForTimeout(200);
    assert.equal(await text(page), 'teh ');
    assert.deepEqual(await list(page), []);
    await page.keyboard.press('Control+Shift+z');
    await until(page, 'the ');
  }));

test('the button undoes the last correction, by keyboard too', () =>
  withSpeller(async (page) => {
    assert.equal(await page.isDisabled('#undo-last'), true);
    await type(page, 'teh hte ');
    await until(page, 'the the ');
    await page.focus('#undo-last');
    await page.keyboard.press('Enter');
    await until(page, 'the hte ');
    await page.keyboard.press('Enter');
    await until(page, 'teh hte ');
    assert.equal(await page.isDisabled('#undo-last'), true);
  }));

test('the strip replaces the word at the cursor', () =>
  withSpeller(async (page) => {
    await type(page, 'a teh');
    await page.click('#strip button:text-is("ten")');
    assert.equal(await text(page), 'a ten');
    assert.deepEqual(await caret(page), [5, 5]);
    await type(page, ' ');
    await page.waitForTimeout(100);
    assert.equal(await text(page), 'a ten ');
    await page.click('#correct-sample');
    await page.waitForFunction(() => document.getElementById('draft').value.includes('the map, I received'));
  }));

test('pasted text is corrected as a whole; addresses, numbers and paths are left alone', () =>
  withSpeller(async (page) => {
    await page.focus('#draft');
    await page.evaluate(() => document.execCommand('insertText', false, 'teh hte@teh.org 3teh a/teh teh.js (teh)\nnaïv teh'));
    await until(page, 'the hte@teh.org 3teh a/teh teh.js (the)\nnaïve the');
    assert(!(await page.evaluate(() => asked)).some((word) => /[\d@/.]/.test(word)));
  }));

test('nothing is done by itself when that is switched off', () =>
  withSpeller(async (page) => {
    await page.uncheck('#by-itself');
    await type(page, 'teh ');
    await page.waitForTimeout(200);
    assert.equal(await text(page), 'teh ');
  }));

test('a text is the same whatever is typed how fast: emoji, marks and line ends', () =>
  withSpeller(async (page) => {
    await page.focus('#draft');
    for (const part of ['😀 teh', ' ', 'e\u0301te\u0301', '\n', 'teh', '\n\n', '漢字 ']) await page.keyboard.insertText(part);
    await until(page, '😀 the e\u0301te\u0301\nthe\n\n漢字 ');
    assert.equal(await page.$eval('#echo', (echo) => echo.textContent), '😀 the e\u0301te\u0301\nthe\n\n漢字 \n');
  }));

const skip = !hasModel('autocorrect') && 'there is no models/autocorrect.byteflow';

test('the released model puts common misspellings right', () =>
  demo.withDemo({ tab: 'correct' }, async (page) => {
    await page.waitForSelector('#correct-work:visible');
    await type(page, 'I recieved teh map ');
    await until(page, 'I received the map ');
    await page.keyboard.press('Control+z');
    await page.waitForFunction(() => document.getElementById('draft').value !== 'I received the map ');
  }), { skip });
