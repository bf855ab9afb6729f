import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'rolldown';
import { civilFirst, loadClassifier, loadGenerator } from 'byteflow';
import { hasModel, startDemo } from './demo-pages.js';

// What it writes is nonsense, but the same on every machine.
const model = join(import.meta.dirname, '../golden/generators/small.byteflow');

let demo;

before(async () => (demo = await startDemo()));
after(() => demo?.close());

/** Opens the tab with a small model in place of the bundled one. */
const withRewrite = (check) =>
  demo.withDemo({ tab: 'rewrite', query: '?civil-rewrite=small.byteflow', answers: { '/small.byteflow': (route) => route.fulfill({ path: model }) } }, async (page) => {
    await page.waitForSelector('#rewrite-start:visible');
    await check(page);
  });

const untilWritten = (page) => page.waitForFunction(() => document.querySelectorAll('.candidate').length > 0 && !document.getElementById('steps').hidden);

/** What the package gives for a text. */
async function expected(text, beams) {
  const [generator, classifier] = await Promise.all([loadGenerator(pathToFileURL(model)), loadClassifier('toxicity')]);
  const steps = [];
  const { candidates } = await generator.generate(text, { beams, onStep: (drafts) => steps.push(drafts) });
  const rated = await civilFirst(candidates, classifier);
  generator.dispose();
  classifier.dispose();
  return { rated, steps };
}

test('the drafts grow as the package says, and the candidates come with both figures, civil ones first', () =>
  withRewrite(async (page) => {
    const text = 'You are a stupid idiot, 😀';
    await page.fill('#rude', text);
    await page.waitForSelector('#rude-judged .meter.likely');
    await page.click('#rewrite-start');
    await untilWritten(page);
    const { rated, steps } = await expected(text, 4);
    const shown = await page.$$eval('.candidate', (items) =>
      items.map((item) => [item.querySelector('.written').textContent, item.querySelector('.row .hint').textContent, Number(item.querySelector('.meter').ariaValueNow)]),
    );
    assert.equal(shown.length, rated.length);
    for (const [i, { text, score, toxicity }] of rated.entries()) {
      if (text !== '') assert(shown[i][0].startsWith(text));
      assert.equal(shown[i][1], `model ${score.toFixed(2)}`);
      assert.equal(shown[i][2], toxicity);
    }
    assert.equal(await page.getAttribute('#step', 'max'), String(steps.length));
    for (const step of [1, steps.length >> 1, steps.length]) {
      await page.$eval('#step', (slider, step) => ((slider.value = step), slider.dispatchEvent(new Event('input'))), step);
      assert.deepEqual(await page.$$eval('#drafts .draft', (drafts) => drafts.map(({ textContent }) => textContent)), steps[step - 1].map(({ text }) => text));
    }
    await page.focus('#step');
    await page.keyboard.press('Home');
    assert.equal(await page.$eval('#step', (slider) => slider.ariaValueText), `step 1 of ${steps.length}`);
    await page.click('#replay');
    await page.waitForFunction((last) => document.getElementById('step').value === last, String(steps.length));
  }));

test('what is new is found among so many words that the table of all pairs stays small', async () => {
  const { output } = await build({ input: join(import.meta.dirname, '../../demo/src/rewrite/changes.ts'), write: false, logLevel: 'silent' });
  const { changes } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
  const marked = (before, after) => changes(before, after).map(({ text, isNew }) => (isNew ? `<${text}>` : text)).join('');
  assert.equal(marked('You are a fool, sir.', 'You are not wise, sir!'), 'You are <not> <wise>, sir<!>');
  assert.equal(marked('a '.repeat(1 << 19), 'a b a'), 'a <b> a');
  const long = 'a '.repeat(4_000);
  assert.equal(marked(long, `${long}b`), `${long}b`); // a word behind what is compared is not marked
  assert(changes(long, long).length < 3_000);
});

test('a candidate can be used, and that can be undone', () =>
  withRewrite(async (page) => {
    await page.fill('#rude', 'You are an idiot.');
    await page.focus('#rude');
    await page.keyboard.press('Control+Enter');
    await untilWritten(page);
    const { rated } = await expected('You are an idiot.', 4);
    await page.click(`.candidate:nth-child(2) button:text-is("Use this")`);
    assert.equal(await page.inputValue('#rude'), rated[1].text);
    await page.click('#rewrite-undo');
    assert.equal(await page.inputValue('#rude'), 'You are an idiot.');
    assert.equal(await page.isVisible('#rewrite-undo'), false);
  }));

test('of two rewrites the later is shown, with as many drafts as were asked for', () =>
  withRewrite(async (page) => {
    await page.fill('#rude', 'the first one');
    await page.click('#rewrite-start');
    await page.fill('#rude', 'another sentence');
    await page.selectOption('#beams', '2');
    await page.keyboard.press('Tab');
    await page.focus('#rude');
    await page.keyboard.press('Control+Enter');
    const { rated } = await expected('another sentence', 2);
    await page.waitForFunction((scores) => [...document.querySelectorAll('.candidate .row .hint')].map(({ textContent }) => textContent).join() === scores, rated.map(({ score }) => `model ${score.toFixed(2)}`).join());
    await page.waitForSelector('#rewrite-start:visible');
    assert.equal(await page.isVisible('#rewrite-problem'), false);
  }));

test('an example is blurred with all that is written for it until asked for', () =>
  withRewrite(async (page) => {
    await page.click('#rude-samples .sample');
    assert.equal(await page.$eval('#rude', (box) => box.inert && getComputedStyle(box).filter !== 'none'), true);
    await page.click('#rewrite-start');
    await untilWritten(page);
    assert(await page.$$eval('#drafts .draft', (drafts) => drafts.every((draft) => draft.ariaHidden === 'true' && getComputedStyle(draft).filter !== 'none')));
    await page.click('#panel-rewrite .unveil');
    assert(await page.$$eval('#drafts .draft', (drafts) => drafts.every((draft) => draft.ariaHidden === null && getComputedStyle(draft).filter === 'none')));
    assert.equal(await page.evaluate(() => document.activeElement.id), 'rude');
  }));

test('the released model makes a rude sentence less rude', { skip: !hasModel('civil-rewrite') && 'there is no models/civil-rewrite.byteflow' }, () =>
  demo.withDemo({ tab: 'rewrite' }, async (page) => {
    await page.waitForSelector('#rewrite-start:visible');
    await page.fill('#rude', 'Nobody asked for your stupid opinion.');
    await page.click('#rewrite-start');
    await untilWritten(page);
    const toxicity = (meter) => Number(meter.ariaValueNow);
    const before = await page.$eval('#rude-judged .meter', toxicity);
    assert((await page.$$eval('.candidate .meter', (meters) => meters.map((meter) => Number(meter.ariaValueNow))))[0] < before);
  }));

for (const [tab, name] of [['rewrite', 'civil-rewrite'], ['correct', 'autocorrect']]) {
  test(`a build without the model ${name} says so, and the other tabs work`, async () => {
    const context = await demo.browser.newContext({ serviceWorkers: 'block' });
    await context.route(new RegExp(`/${name}[^/]*\\.byteflow$`), (route) => route.fulfill({ status: 404, body: 'gone' }));
    const page = await context.newPage();
    await page.goto(`${demo.address}#${tab}`);
    await page.waitForFunction((id) => document.getElementById(id).textContent.startsWith('This build comes without the model'), `${tab}-notice`);
    assert.equal(await page.isVisible(`#${tab}-work`), false);
    await page.click('#tab-score');
    await page.waitForSelector('[role=meter][aria-valuenow]');
    await context.close();
  });

  test(`a model of another site is refused: ${name}`, () =>
    demo.withDemo({ tab, query: `?${name}=https://elsewhere.invalid/a.byteflow` }, async (page) => {
      await page.waitForSelector(`#panel-${tab} [role=alert]:visible`);
      assert.match(await page.textContent(`#panel-${tab} [role=alert]:visible`), /elsewhere\.invalid.* is not of this site/);
      assert.equal(await page.isVisible(`#${tab}-notice`), false);
    }));
}
